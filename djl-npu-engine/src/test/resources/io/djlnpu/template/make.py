"""Makes prompts.json and constructs.json: what transformers renders of the templates in this folder.

    HF_HUB_OFFLINE=1 python make.py            (transformers 4.57, Jinja2 3.1; writes beside itself)

The templates in families/ are written for these tests, in the way and with the idioms of each family of models.
`constructs.txt` has one template a line ('\\n' is a line break) under headings, which become docs/templates.md.
"""

import datetime
import json
import pathlib
import transformers.utils.chat_template_utils as theirs

HERE = pathlib.Path(__file__).parent


class Fixed(datetime.datetime):
    @classmethod
    def now(cls, tz=None):
        return cls(2026, 3, 4, 15, 6, 7)


theirs.datetime = Fixed


def tool(name, description, properties, required):
    parameters = {"type": "object", "properties": properties, "required": required}
    return {"type": "function", "function": {"name": name, "description": description, "parameters": parameters}}


TOOLS = [
    tool("get_weather", "Says the \"weather\" & <wind>", {
        "city": {"type": "string", "description": "Größe 😀 of a city", "enum": ["Bonn", "Köln"]},
        "days": {"type": "integer", "description": "How many", "default": 1},
        "unit": {"type": ["string", "null"], "description": "C or F"}}, ["city"]),
    tool("add", "Adds", {
        "numbers": {"type": "array", "items": {"type": "number"}, "description": "What to add"},
        "options": {"type": "object", "description": "More", "properties": {
            "exact": {"type": "boolean", "description": "No rounding"},
            "items": {"type": "array", "items": {"type": "object"}, "description": "Things"}}, "required": ["exact"]}}, []),
]


def call(identity, name, arguments):
    return {"id": identity, "type": "function", "function": {"name": name, "arguments": arguments}}


SYSTEM = {"role": "system", "content": "  Be brief & polite. \n"}
HI = {"role": "user", "content": "Hi there,\n\nhow's the \"weather\"? {{ 7 * 7 }} é😀\t"}
ANSWER = {"role": "assistant", "content": "Sunny.  "}
CALLED = {"role": "assistant", "content": "", "tool_calls": [call("abcdef123", "get_weather", {"city": "Köln", "days": 2})]}
RESULT = {"role": "tool", "tool_call_id": "abcdef123", "name": "get_weather", "content": "{\"rain\": 0.1}"}
CONVERSATIONS = {
    "user": dict(messages=[HI]),
    "system": dict(messages=[SYSTEM, HI, ANSWER, {"role": "user", "content": "And <tomorrow>?"}]),
    "no generation prompt": dict(messages=[SYSTEM, HI, ANSWER], add_generation_prompt=False),
    "tools offered": dict(messages=[SYSTEM, HI], tools=TOOLS),
    "tool result": dict(messages=[HI, CALLED, RESULT], tools=TOOLS),
    "tools used": dict(messages=[SYSTEM, HI, CALLED, RESULT, ANSWER, {"role": "user", "content": "Thanks"}], tools=TOOLS),
    "two calls": dict(messages=[HI, {"role": "assistant", "content": None, "tool_calls": [
        call("abcdef123", "get_weather", {"city": "Bonn"}),
        call("abcdef124", "add", {"numbers": [1, 2.5, -3e20, 1e-7], "options": {"exact": True, "items": []}, "note": None})]},
        RESULT, dict(RESULT, tool_call_id="abcdef124", name="add", content="3.5")], tools=TOOLS),
    "thinking": dict(messages=[HI, {"role": "assistant", "content": "<think>\nLet me see.\n</think>\n\nSunny.",
                                    "thinking": "Hm."}, {"role": "user", "content": "Sure?"}]),
    "reasoning": dict(messages=[HI, dict(CALLED, reasoning_content="\nAsk.\n"), RESULT], tools=TOOLS, enable_thinking=True),
    "no thinking": dict(messages=[SYSTEM, HI], enable_thinking=False, reasoning_effort="low", thinking=True),
    "documents": dict(messages=[HI], documents=[{"doc_id": 1, "title": "A", "text": "Rain."}, {"doc_id": "b", "title": "B", "text": "Sun."}],
                      controls={"citations": True}),
    "parts": dict(messages=[{"role": "user", "content": [{"type": "image"}, {"type": "text", "text": " What is this? "}]}]),
    "roles that do not alternate": dict(messages=[HI, HI]),
    "developer": dict(messages=[{"role": "developer", "content": "Be terse."}, HI]),
    "built-in tools": dict(messages=[SYSTEM, HI, {"role": "assistant", "tool_calls": [call("abcdef125", "brave_search", {"query": "x"})]}],
                           builtin_tools=["brave_search", "code_interpreter"], tools_in_user_message=False, tools=TOOLS[:1],
                           date_string="26 Jul 2024"),
    "continued": dict(messages=[HI, {"role": "assistant", "content": "It is "}], add_generation_prompt=False, continue_final_message=True),
}
TOKENS = {"bos_token": "<bos>", "eos_token": "<eos>"}


def render(template, conversation):
    values = dict(TOKENS, **conversation)
    values.setdefault("add_generation_prompt", True)
    messages = values.pop("messages")
    try:
        return theirs.render_jinja_template([messages], chat_template=template, **values)[0][0]
    except Exception:  # whatever it is, transformers refuses
        return None


def prompts():
    expected = {}
    for file in sorted((HERE / "families").glob("*.jinja")):
        # As models' files are read: without translation of line breaks.
        template = file.read_bytes().decode()
        expected[file.stem] = {name: render(template, c) for name, c in CONVERSATIONS.items()}
    return {"tokens": TOKENS, "conversations": CONVERSATIONS, "expected": expected}


def constructs():
    values = json.loads((HERE / "values.json").read_text())
    sections, cases = [], None
    for line in (HERE / "constructs.txt").read_text().splitlines():
        if line.startswith("## "):
            cases = []
            sections.append({"name": line[3:], "cases": cases})
        elif line:
            template = line.replace("¶", "\n")
            try:
                want = theirs._compile_jinja_template(template).render(**values)
            except Exception:
                want = None
            cases.append({"template": template, "expected": want})
    return {"values": values, "sections": sections}


def write(name, value):
    (HERE / name).write_text(json.dumps(value, ensure_ascii=False, indent=1) + "\n")


if __name__ == "__main__":
    made = prompts()
    write("prompts.json", made)
    count = [p for family in made["expected"].values() for p in family.values()]
    print(len(made["expected"]), "families,", len(count), "prompts,", count.count(None), "refused")
    made = constructs()
    write("constructs.json", made)
    print(sum(len(s["cases"]) for s in made["sections"]), "constructs,",
          sum(c["expected"] is None for s in made["sections"] for c in s["cases"]), "refused")
