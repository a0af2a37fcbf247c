"""A page that plays a resident's WeChat, against the real program and a stand-in of WeChat's servers."""
