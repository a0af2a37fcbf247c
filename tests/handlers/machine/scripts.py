"""Scripts as another deploy has them: with questions added, renamed or removed, with another version, or gone."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, cast

from handlers.catalogue import ROUTES
from handlers.questions import Choice, Text
from handlers.routes import Conversation, Routes
from handlers.talk import Option, Question, Reply, Talk
from handlers.texts.phrase import Phrase

URGENT = Choice([Option("now", Phrase("很急")), Option("soon", Phrase("不太急")), Option("late", Phrase("不急"))])


@dataclass(frozen=True)
class Deploy:
    """What is different from the scripts of the program. `removed` says what an answer is taken for."""

    version: int = 1
    added_before: str = ""
    renamed: Mapping[str, str] = field(default_factory=dict)
    removed: Mapping[str, Any] = field(default_factory=dict)
    only_text: frozenset[str] = frozenset()  # questions that only take words, and mean nothing
    gone: frozenset[str] = frozenset()

    @property
    def is_like_the_program(self) -> bool:
        return not (self.added_before or self.renamed or self.removed or self.only_text or self.gone)

    def routes(self) -> Routes:
        kept = (one for one in ROUTES.conversations if one.name not in self.gone)
        return Routes(self._edited(one) for one in kept)

    def _edited(self, one: Conversation) -> Conversation:
        def script(talk: Talk) -> Reply:
            return one.script(cast(Talk, _Edited(talk, self)))

        return replace(one, script=script, version=self.version)


class _Edited:
    """A talk in which a script's questions are as a deploy has them."""

    def __init__(self, talk: Talk, deploy: Deploy) -> None:
        self.__dict__["_talk"], self.__dict__["_deploy"] = talk, deploy

    def __getattr__(self, name: str) -> Any:
        return getattr(self._talk, name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(self._talk, name, value)

    def ask(self, name: str, question: Question[Any], prompt: Phrase) -> Any:
        talk, deploy = self._talk, self._deploy
        if name == deploy.added_before:
            talk.ask("is", URGENT, Phrase("急不急？"))
        if name in deploy.removed:
            return question.load(deploy.removed[name], talk)
        if name in deploy.only_text:
            talk.ask(name, Text(), Phrase("请用文字说明。"))
            return question.load({"cell": None, "how": "open"}, talk)
        return talk.ask(deploy.renamed.get(name, name), question, prompt)


PRESENT = Deploy()
DEPLOYS = (
    PRESENT,
    Deploy(version=2),
    Deploy(added_before="where"),
    Deploy(version=2, added_before="photos"),
    Deploy(version=3, added_before="what"),
    Deploy(renamed={"photos": "text", "number": "name"}),
    Deploy(version=5, renamed={"where": "role", "text": "what", "filter": "reason"}),
    Deploy(version=6, renamed={"what": "where", "where": "what", "action": "number", "number": "action"}),
    Deploy(removed={"photos": 0}),
    Deploy(version=3, removed={"where": {"cell": None, "how": "open"}, "telephone": ""}),
    Deploy(version=7, only_text=frozenset({"where"})),
    Deploy(version=8, renamed={"where": "photos", "photos": "where", "name": "what", "what": "name"}),
    Deploy(gone=frozenset({"suggest", "mine"})),
    Deploy(version=2, gone=frozenset({"handle", "unprompted", "drafts", "help_wanted", "edited", "welcome"})),
)
