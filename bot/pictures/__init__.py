"""Pictures that go out by chat: from plain values to PNG, with nothing read from records."""
