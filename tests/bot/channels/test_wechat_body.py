"""Bodies, in XML and in JSON: what they say, what is none, and what we answer."""

import json
from collections.abc import Mapping
from time import process_time
from xml.sax.saxutils import escape

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from wechatpy import parse_message
from werobot.parser import parse_user_msg

from bot.channels.wechat_body import Fields, Malformed, Value, is_json, parse, text_of, written

# What XML allows, without the carriage return: whoever reads XML takes it for a line's end.
legible = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff")
    | st.sampled_from("\n\t<>&]'\"村路😀")
)
names = st.text(st.sampled_from("abcXYZ"), min_size=1, max_size=4)
values: st.SearchStrategy[Value] = st.recursive(
    legible,
    lambda inner: (
        st.dictionaries(names, inner, min_size=1, max_size=3)
        | st.lists(st.dictionaries(names, inner, min_size=1, max_size=2), min_size=2, max_size=3)
    ),
    max_leaves=6,
)
bodies: st.SearchStrategy[Fields] = st.dictionaries(names, values, min_size=1, max_size=4)

# Documented examples, of developers.weixin.qq.com/doc/service/en/guide/product/subscription_messages/push.html, and of
# developer.work.weixin.qq.com/document/path/90240 and 94699.
POPUP = """<xml>
    <ToUserName><![CDATA[gh_123456789abc]]></ToUserName>
    <Event><![CDATA[subscribe_msg_popup_event]]></Event>
    <SubscribeMsgPopupEvent>
        <List>
            <TemplateId><![CDATA[VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc]]></TemplateId>
            <SubscribeStatusString><![CDATA[accept]]></SubscribeStatusString>
            <PopupScene>2</PopupScene>
        </List>
        <List>
            <TemplateId><![CDATA[9nLIlbOQZC5Y89AZteFEux3WCXRRRG5Wfzkpssu4bLI]]></TemplateId>
            <SubscribeStatusString><![CDATA[reject]]></SubscribeStatusString>
            <PopupScene>2</PopupScene>
        </List>
    </SubscribeMsgPopupEvent>
</xml>"""
CARD = """<xml>
    <FromUserName><![CDATA[FromUser]]></FromUserName>
    <TaskId><![CDATA[taskid111]]></TaskId>
    <SelectedItems>
        <SelectedItem>
            <QuestionKey><![CDATA[QuestionKey1]]></QuestionKey>
            <OptionIds>
                <OptionId><![CDATA[OptionId1]]></OptionId>
                <OptionId><![CDATA[OptionId2]]></OptionId>
            </OptionIds>
        </SelectedItem>
        <SelectedItem>
            <QuestionKey><![CDATA[QuestionKey2]]></QuestionKey>
            <OptionIds>
                <OptionId><![CDATA[OptionId3]]></OptionId>
            </OptionIds>
        </SelectedItem>
    </SelectedItems>
</xml>"""
SERVICE = """<xml>
   <ToUserName><![CDATA[ww12345678910]]></ToUserName>
   <CreateTime>1348831860</CreateTime>
   <MsgType><![CDATA[event]]></MsgType>
   <Event><![CDATA[kf_msg_or_event]]></Event>
</xml>"""
CHANGED_ONE = {
    # developers.weixin.qq.com/community/develop/doc/00042034428fa074706c908245b800: a single notice is no list in JSON.
    "FromUserName": "xxxxx",
    "CreateTime": 1625575518,
    "List": {"SubscribeStatusString": "reject", "TemplateId": "NQezXFstp4zZV2q7u5aSprQZEx061ODkFJGLdungfoI"},
}


def in_json(fields: Mapping[str, object]) -> bytes:
    return json.dumps(fields).encode()


def in_xml(fields: Fields, *, cdata: bool) -> bytes:
    return f"<xml>{''.join(_elements(name, value, cdata=cdata) for name, value in fields.items())}</xml>".encode()


def _elements(name: str, value: Value, *, cdata: bool) -> str:
    if isinstance(value, list):
        return "".join(_elements(name, one, cdata=cdata) for one in value)
    if isinstance(value, dict):
        inner = "".join(_elements(one, said, cdata=cdata) for one, said in value.items())
    else:
        inner = f"<![CDATA[{value.replace(']]>', ']]]]><![CDATA[>')}]]>" if cdata else escape(value)
    return f"<{name}>{inner}</{name}>"


def is_malformed(body: bytes) -> bool:
    """Refused in a sentence that holds nothing of the body."""
    with pytest.raises(Malformed) as refused:
        parse(body)
    return str(refused.value) in {"no XML", "no JSON", "no fields", "nested too deep", "a document type"}


# --- what they say


def test_fields_are_texts_in_both_forms() -> None:
    wanted = {
        "ToUserName": "toUser",
        "CreateTime": "1348831860",
        "Content": "this is a test",
        "MsgId": "1234567890123456",
    }
    assert parse(in_xml(dict(wanted), cdata=True)) == wanted
    numbers = wanted | {"CreateTime": 1348831860, "MsgId": 1234567890123456}
    assert parse(in_json(numbers)) == wanted


@pytest.mark.parametrize("cdata", [True, False])
@given(fields=bodies)
def test_a_message_says_the_same_in_both_forms(cdata: bool, fields: Fields) -> None:
    assert parse(in_xml(fields, cdata=cdata)) == fields
    assert parse(in_json(fields)) == fields


def test_what_is_nested_is_read() -> None:
    assert parse(POPUP.encode()) == {
        "ToUserName": "gh_123456789abc",
        "Event": "subscribe_msg_popup_event",
        "SubscribeMsgPopupEvent": {
            "List": [
                {
                    "TemplateId": "VRR0UEO9VJOLs0MHlU0OilqX6MVFDwH3_3gz3Oc0NIc",
                    "SubscribeStatusString": "accept",
                    "PopupScene": "2",
                },
                {
                    "TemplateId": "9nLIlbOQZC5Y89AZteFEux3WCXRRRG5Wfzkpssu4bLI",
                    "SubscribeStatusString": "reject",
                    "PopupScene": "2",
                },
            ]
        },
    }
    assert parse(CARD.encode())["SelectedItems"] == {
        "SelectedItem": [
            {"QuestionKey": "QuestionKey1", "OptionIds": {"OptionId": ["OptionId1", "OptionId2"]}},
            {"QuestionKey": "QuestionKey2", "OptionIds": {"OptionId": "OptionId3"}},
        ]
    }
    assert parse(SERVICE.encode())["Event"] == "kf_msg_or_event"


def test_a_single_one_is_no_list_in_either_form() -> None:
    alone = parse(in_json(CHANGED_ONE))
    assert alone == CHANGED_ONE | {"CreateTime": "1625575518"}
    assert parse(in_json(CHANGED_ONE | {"List": [CHANGED_ONE["List"]]})) == alone
    assert parse(in_json(CHANGED_ONE | {"List": [[], [[CHANGED_ONE["List"]]]]})) == alone


@pytest.mark.parametrize(
    "body",
    [
        b"<xml><MsgId>1</MsgId><MsgId>2</MsgId><A>x</A></xml>",
        b'{"MsgId": "1", "A": "x", "MsgId": "2"}',
        b'{"MsgId": [1, 2], "A": "x"}',
    ],
)
def test_what_stands_there_twice_is_no_text(body: bytes) -> None:
    fields = parse(body)
    assert fields == {"MsgId": ["1", "2"], "A": "x"}
    assert (text_of(fields, "MsgId"), text_of(fields, "A"), text_of(fields, "B")) == ("", "x", "")


def test_other_values_of_json_are_texts_too() -> None:
    body = b' \n{"a": null, "b": true, "c": NaN, "d": -Infinity, "e": 1e999, "f": 0.10, "g": {}, "h": [], "i": %d}'
    huge = int("9" * 4000)
    assert parse(body % huge) == {
        "a": "",
        "b": "true",
        "c": "NaN",
        "d": "-Infinity",
        "e": "1e999",
        "f": "0.10",
        "g": "",
        "i": str(huge),
    }
    assert parse(b'{"i": ' + b"9" * 100_000 + b"}") == {"i": "9" * 100_000}


def test_what_no_text_can_hold_is_left_out() -> None:
    body = rb'{"a\ud800": "\ud83d\ude00 \udc00x\u0000y\ufffe", "b": ["\ud800"]}'
    assert parse(body) == {"a": "😀 xy", "b": ""}


def test_xml_may_say_what_it_is() -> None:
    said = '<?xml version="1.0" encoding="gbk"?><!-- x --><xml><?y z?><A b="c"> 村&#8364;&amp;<![CDATA[<b>]]></A></xml>'
    assert parse(said.encode()) == {"A": " 村€&<b>"}


def test_which_form_it_is() -> None:
    assert is_json(b' \r\n{"a": 1}')
    assert not is_json(b"<xml/>")
    assert not is_json(b"[1]")
    assert not is_json(b"")


# --- what is none

BOMB = '<!DOCTYPE xml [<!ENTITY a "aaaaaaaaaa">{}]><xml><A>&z;</A></xml>'.format(
    "".join(f'<!ENTITY {one} "{f"&{before};" * 10}">' for before, one in zip("abcdefgh", "bcdefghz", strict=True))
)


@pytest.mark.parametrize(
    "body",
    [
        "",
        " ",
        "<xml></xml>",
        "<xml/>",
        "<xml>text</xml>",
        "<xml> <A>1</A>",
        "<xml><A>1</B></xml>",
        "<xml><A>1</A></xml><xml><A>1</A></xml>",
        "<xml><A>1</A></xml>x",
        "<xml><A>&nbsp;</A></xml>",
        "<xml><A>]]></A></xml>",
        "<xml><A>\0</A></xml>",
        "<xml><A>&#0;</A></xml>",
        "<xml><A>&#xD800;</A></xml>",
        "<html><A>1</A></html>",
        "<XML><A>1</A></XML>",
        BOMB,
        '<!DOCTYPE xml SYSTEM "http://127.0.0.1/x"><xml><A>1</A></xml>',
        '<!DOCTYPE xml [<!ENTITY x SYSTEM "file:///etc/passwd">]><xml><A>&x;</A></xml>',
        '<!DOCTYPE xml [<!ENTITY % x SYSTEM "file:///etc/passwd"> %x;]><xml><A>1</A></xml>',
        "<!DOCTYPE xml><xml><A>1</A></xml>",
        "<xml>" + "<A>" * 8 + "x" + "</A>" * 8 + "</xml>",
        "<xml>" + "<A>" * 100_000,
        "null",
        "1",
        '"a"',
        "[]",
        '[{"a": 1}]',
        "{}",
        "{",
        '{"a": }',
        '{"a": 1,}',
        '{"a": 1} x',
        '{"a": "\n"}',
        '{"a": "\\ud8"}',
        '{"a": []}',
        '{"a": ' * 8 + "1" + "}" * 8,
        '{"a": ' * 100_000,
        '{"a": ' + "[" * 100_000 + "]" * 100_000 + "}",
        "\ufeff{}",
    ],
    ids=lambda body: body[:40],
)
def test_what_is_no_body_is_refused(body: str) -> None:
    assert is_malformed(body.encode())


@pytest.mark.parametrize(
    "body",
    [
        b"<xml><A>\xff</A></xml>",
        b"<xml><A>\xed\xa0\x80</A></xml>",
        b'{"a": "\xff"}',
        b'{"a": "\xed\xa0\x80"}',
        b"\xff\xfe{\0",
    ],
)
def test_what_is_no_utf8_is_refused(body: bytes) -> None:
    assert is_malformed(body)


@pytest.mark.parametrize("form", [f"<xml>{'<A>' * 7}x{'</A>' * 7}</xml>", '{"A": ' * 7 + '"x"' + "}" * 7])
def test_what_is_nested_less_deep_is_read(form: str) -> None:
    fields: Value = parse(form.encode())
    for _ in range(7):
        assert isinstance(fields, dict)
        fields = fields["A"]
    assert fields == "x"


XML = "<xml> </xml> <A> </A> <A/> <![CDATA[ ]]> &amp; &x; &#x1F600; <!DOCTYPE <!ENTITY <?xml <!-- -->"
JSON = '{ } [ ] , : " \\ \\u d800 null NaN 1e9 -0 true "a" "a":'
pieces = st.sampled_from([*XML.split(), *JSON.split(), " ", "\n", "村", "\0"])


@given(st.lists(pieces, max_size=30).map(lambda chosen: "".join(chosen).encode()) | st.binary())
@example(b"<xml>\xef\xbb\xbf</xml>")
def test_whatever_comes_is_read_or_refused(body: bytes) -> None:
    try:
        fields = parse(body)
    except Malformed:
        return
    assert fields
    json.dumps(fields, ensure_ascii=False).encode()  # only what can be written again


odd = st.text(st.sampled_from("ab<>&;]![/\t\n\r \0\x0b\x7f\x85\u2028\u3000\ufeff\ufffd\ufffe村😀"), max_size=6).map(
    str.encode
)
texts_of_fields = odd | odd.map(lambda text: b"<![CDATA[" + text + b"]]>") | st.just(b"\xff") | st.just(b"&amp;")
fields_of_bodies = st.builds(
    lambda name, text, close: b"<" + name + b">" + text + b"</" + (close or name) + b">",
    st.sampled_from([b"A", b"B_1", "村".encode(), b"1", b"a:b", b"A b='c'"]),
    texts_of_fields,
    st.sampled_from([b"", b"", b"", b"A"]),
)
flat_bodies = st.lists(fields_of_bodies | odd | st.just(b"\n"), max_size=4).map(b"".join)


@given(flat_bodies, odd | st.just(b""))
@example(b"<A>1</A>", b"\n")
@example(b"<A><![CDATA[<B>1</B>]]></A>", b"")
@example(b"<A><![CDATA[]<B>1</B>]]></A>", b"")
@example(b"<A>1</A><A>2</A>", b"")
def test_what_is_read_the_short_way_is_read_the_same(inner: bytes, after: bytes) -> None:
    body = b"<xml>" + inner + b"</xml>" + after
    assert outcome(body) == outcome(b"<!---->" + body)  # a remark leads the long way


@pytest.mark.parametrize(
    "piece", ["<A><![CDATA[", "<A>", "<A", "<A>]]>", "<A></A>", "<![CDATA[", "]]>", "<xml>", "</A>"]
)
def test_no_body_takes_long(piece: str) -> None:
    # A quarter of a megabyte, as much as is taken; looked through once for each of its pieces, it would take minutes.
    body = f"<xml>{piece * (256 * 1024 // len(piece))}</xml>".encode()
    began = process_time()
    outcome(body)
    assert process_time() - began < 1


def outcome(body: bytes) -> Fields | None:
    try:
        return parse(body)
    except Malformed:
        return None


# --- what we answer


@given(legible)
@example("]]>")
@example("]]]>]]>>")
@example("]]&gt;<![CDATA[")
@example("</Content></xml>")
@example("村口的路灯坏了😀" * 1500)
def test_others_read_what_we_write(text: str) -> None:
    answer: dict[str, str | int] = {
        "FromUserName": "gh_1",
        "CreateTime": 1348831860,
        "MsgType": "text",
        "Content": text,
        "MsgId": 7,
    }
    body = written(answer, as_json=False)
    # Both leave white space out at a text's ends, and an empty text altogether.
    assert (parse_message(body).content or "").strip() == text.strip()
    assert (parse_user_msg(body).content or "").strip() == text.strip()
    assert json.loads(written(answer, as_json=True)) == answer


@given(st.text())
@example("a\0b\ud800c\x0bd\ufffee]]>f")
def test_whatever_we_write_is_read_as_it_was_but_for_what_no_text_holds(text: str) -> None:
    wanted = "".join(one for one in text if one in "\t\n\r" or (one >= " " and not ("\ud800" <= one <= "\udfff")))
    wanted = wanted.replace("\ufffe", "").replace("\uffff", "")
    assert parse(written({"Content": text, "CreateTime": 1}, as_json=True)) == {"Content": wanted, "CreateTime": "1"}
    lines = wanted.replace("\r\n", "\n").replace("\r", "\n")
    assert parse(written({"Content": text, "CreateTime": 1}, as_json=False)) == {"Content": lines, "CreateTime": "1"}


def test_json_holds_the_characters_themselves() -> None:
    assert "路灯😀".encode() in written({"Content": "路灯😀"}, as_json=True)
