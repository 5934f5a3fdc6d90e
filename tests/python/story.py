#!/usr/bin/env python3
"""Proves README's client: a deal is made by the real binaries on a real server with TLS, and `client.py`, as it stands
there, joins, reads, speaks and verifies it. Then an export is changed by a byte, an order, a signature, and has to be
refused by the entry's number.

story.py FOLDER     the folder that holds `rialto` and `rialtod`
"""

import contextlib
import json
import socket
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import client
import jsonschema

HERE = Path(__file__).parent
PATIENCE = 60
HEX = "0123456789abcdef"
# A prime, so that all places of a line come up.
STRIDE = 7


class Overheard(client.Client):
    """The example, with every frame of both ways kept."""

    def __init__(self, *words):
        super().__init__(*words)
        self.frames = []

    def send(self, kind, **body):
        self.frames.append(("Up", {kind: body}))
        super().send(kind, **body)

    def frame(self):
        kind, body = super().frame()
        self.frames.append(("Down", {kind: body}))
        return kind, body


class Story:
    def __init__(self, binaries, folder):
        self.binaries, self.folder = Path(binaries).resolve(), Path(folder)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        config = f'[server]\nlisten = "127.0.0.1:{port}"\nname = "Northwind partners"\n'
        (self.folder / "rialtod.toml").write_text(config)

    def run(self, *words, says=0):
        """Runs a program to its end: what it says on stdout if it ends with 0, else what it says on stderr."""
        words = [str(word) for word in words]
        ran = subprocess.run(words, capture_output=True, text=True, timeout=PATIENCE, check=False)
        if (ran.returncode == 0) != (says == 0):
            sys.exit(f"{words}: exit code {ran.returncode}\n{ran.stdout}{ran.stderr}")
        return ran.stdout if says == 0 else ran.stderr

    def operator(self, *words):
        config = self.folder / "rialtod.toml"
        return [self.binaries / "rialtod", "--data", self.folder / "data", "--config", config, *words]

    def rialto(self, who, *words):
        """Somebody uses the real client; what it says, as JSON."""
        out = self.run(self.binaries / "rialto", "--json", "--home", self.folder / who, *words)
        return [json.loads(line) for line in out.splitlines()]

    def python(self, *words, says=0):
        """The example, as people run it."""
        return self.run(sys.executable, HERE / "client.py", *words, says=says)

    def stranger(self, *words):
        return self.python(self.folder / "pia.json", *words)


def link_in(words):
    return next(word for word in words.split() if word.startswith("https://"))


def joined(story, who, link, name):
    story.rialto(who, "join", link, "--name", name)


def town(story, link):
    """Two organisations and the vendor; one of Alpenwerk's people uses the example."""
    joined(story, "tom", link, "Tom Becker")
    for org, who, name in [("Alpenwerk", "ana", "Ana Weber"), ("BrightPath", "bea", "Bea Marsh")]:
        joined(story, who, story.rialto("tom", "org", "admit", org)[0]["link"], name)
    link = story.rialto("ana", "invite", "--role", "lead")[0]["link"]
    print(story.stranger("join", link, "Pia Köhler"), end="")


def deal(story):
    """A deal with signatures of both parties in it."""
    opened = story.rialto(
        "ana", "deal", "open", "--title", "Foundry retrofit", "--customer", "Eisenhof", "--value", "EUR 48,000",
        "--problem", "The ladle runs too hot and nobody sees it in time.", "--person", "Pia Köhler",
    )  # fmt: skip
    room = opened[0]["deal"]
    story.rialto("ana", "deal", "invite", room, "BrightPath", "reseller", "Sell it with us")
    story.rialto("bea", "deal", "accept", room)
    story.rialto("ana", "deal", "stage", room, "qualified")
    story.rialto("bea", "say", room, "The customer asks for „zwei Öfen“ 👋")
    story.rialto("bea", "deal", "presence", room, "propose", "on-call")
    story.rialto("ana", "deal", "presence", room, "sign")
    return room


CUSTOMER = (
    "--industry retail --country DE --size 50-249 --want lead --band 10k-50k --currency EUR --need Tills "
    "--customer Bolt --contact Uli --basis Telephone --words Tills?"
).split()


def others(story):
    """Rooms whose entries say what was signed elsewhere, as both of their parties take them out: a stranger's referral that one
    answer takes with the connection, the agreements of the two, and where the one who answers was asked."""
    made = story.rialto("ana", "referral", "new", *CUSTOMER, "--to", "BrightPath")[0]
    story.rialto("bea", "connection", "answer", "Alpenwerk", "both")
    term = ["--reference", "Drive", "--from", "2026-01-01", "--to", "2090-12-31"]
    proposed = story.rialto("ana", "agreement", "propose", "BrightPath", "nda", *term)[0]
    story.rialto("bea", "agreement", "confirm", "Alpenwerk", str(proposed["from"]))
    story.rialto("ana", "agreement", "end", "BrightPath", "nda")
    opened = json.loads(taken_out(story, "bea", made["referral"])[0])
    opened = json.loads(opened["facts"])["fact"]["referral"]["opened"]
    orgs = opened["from"]["org"], opened["to"]
    rooms = ("bea", made["referral"]), ("bea", client.relation(*orgs)), ("ana", made["case"]), ("bea", client.own_room(orgs[1]))
    return [taken_out(story, *room) for room in rooms]


def taken_out(story, who, room):
    words = ("export", "room", "--jsonl", room)
    lines = []
    for line in story.run(story.binaries / "rialto", "--home", story.folder / who, *words).splitlines():
        entry = json.loads(line)
        said = entry.pop("hash")
        assert said == client.entry_hash(entry).hex(), said
        lines.append(line.replace(f',"hash":"{said}"', ""))
    return lines


def example(story, room):
    """The example lists, speaks, tails, and takes out the log that the real client takes out."""
    listed = story.stranger("rooms")
    print(listed, end="")
    assert f"{room} Foundry retrofit" in listed.splitlines(), listed
    print(story.stranger("tail", room, 3), end="")
    answer = json.loads(story.stranger("say", room, "Two test boxes go out on Monday."))
    seq = answer["accepted"]["to"]
    # It goes on after the third entry, and is there when the next one is made.
    following = [sys.executable, HERE / "client.py", story.folder / "pia.json", "tail", room, str(seq + 1 - 3)]
    with subprocess.Popen(following, stdout=subprocess.PIPE, text=True) as tail:
        # Whatever goes wrong, nothing waits for ever.
        end = threading.Timer(PATIENCE, tail.kill)
        end.start()
        try:
            shown = [tail.stdout.readline() for _ in range(seq - 3)]
            story.rialto("ana", "deal", "win", room)
            shown.append(tail.stdout.readline())
        finally:
            end.cancel()
            tail.kill()
    print("".join(shown), end="")
    assert [line.split("  ")[0] for line in shown] == [str(n) for n in range(4, seq + 2)], shown
    assert shown[-2] == f"{seq}  Pia Köhler  talk.said  Two test boxes go out on Monday.\n", shown
    assert shown[-1] == f"{seq + 1}  Ana Weber  deal.won\n", shown
    lines = story.stranger("export", room).splitlines()
    assert lines == taken_out(story, "ana", room), "the real client takes out other bytes"
    return lines


def overheard(story, room):
    """What is said both ways while one logs in, speaks, looks something up and reads."""
    with contextlib.ExitStack() as stack:
        one = Overheard(story.folder / "pia.json", stack)
        client.say(one, room, "Is the wall dry?")
        one.page(room, after=0)
        one.send("find", id=2, query={"orgs": {"words": "bright"}})
        one.until("found")
        one.send("command", lane=one.held["lane"], n=99, room=room, facts="{}", texts=[])
        one.until("answer")
        return one.frames


def conform(frames):
    """Real frames, and an entry of every kind that there is, are as the schema says; and it does not say yes to anything."""
    schema = json.loads(client.SCHEMA.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)

    def of(name):
        return jsonschema.Draft202012Validator({"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]})

    valid = {name: of(name) for name in ("Up", "Down", "Entry", "FactsEvent", "FactsCommand", "Declaration", "Snapshot")}
    for way, frame in frames:
        valid[way].validate(frame)
        ((kind, body),) = frame.items()
        if kind == "snapshot" and body["parts"] == 1:
            valid["Snapshot"].validate(json.loads(body["body"]))
        if kind == "command" and body["n"] != 99:
            valid["FactsCommand"].validate(json.loads(body["facts"]))
    kinds = [next(iter(frame)) for _, frame in frames]
    assert {"challenge", "snapshot", "command", "answer", "page", "found", "cards"} <= set(kinds), kinds
    golden = [line for file in HERE.parent.glob("golden/*.snap") for line in file.read_text().splitlines()]
    entries = [json.loads(line) for line in golden if line.startswith('  {"v":')]
    assert len(entries) > 100, len(entries)
    for entry in entries:
        valid["Entry"].validate(entry)
        valid["FactsEvent"].validate(json.loads(entry["facts"]))
        if "statement" in entry:
            valid["Declaration"].validate(json.loads(entry["statement"]["declaration"]))
        for field, wrong in [("room", "dl_1"), ("prev", "00"), ("seq", -1), ("author", "nobody"), ("at", "now")]:
            assert not valid["Entry"].is_valid(entry | {field: wrong}), field
    print(f"{len(frames)} frames and {len(entries)} entries are as the schema says")


def rechained(lines):
    """The log of a server that changed an entry and then put its chain in order again."""
    prev, log = client.ZERO.hex(), []
    for line in lines:
        entry = json.loads(line) | {"prev": prev}
        prev = client.entry_hash(entry).hex()
        log.append(client.compact(entry))
    return log


def changed(line, after):
    """The line with one digit changed: the one that follows this text."""
    at = line.index(after) + len(after)
    return line[:at] + HEX[HEX.index(line[at]) ^ 1] + line[at + 1 :]


def lies(lines):
    """Logs that are wrong: in what, the entry that has to be named, and the log."""

    def with_line(place, line):
        return lines[:place] + [line] + lines[place + 1 :]

    kinds = [json.loads(line)["kind"] for line in lines]
    said, stage = kinds.index("talk.said"), kinds.index("deal.stage_moved")
    signature = with_line(stage, changed(lines[stage], '","signature":"'))
    certificate = with_line(stage, changed(lines[stage], '"subject":"'))
    order = lines[:said] + [lines[said + 1], lines[said]] + lines[said + 2 :]
    yield "one byte of a text", said, with_line(said, changed(lines[said], '"salt":"'))
    yield "one byte of a head", said, with_line(said, changed(lines[said], '"at":1'))
    yield "one byte of the last entry", len(lines) - 1, lines[:-1] + [changed(lines[-1], '"at":1')]
    yield "one order", said, order
    yield "one entry left out", said, lines[:said] + lines[said + 1 :]
    yield "one signature", stage, signature
    yield "one signature, by a server that chains anew", stage, rechained(signature)
    yield "one certificate, by a server that chains anew", stage, rechained(certificate)
    yield "another stage under a true signature, by a server that chains anew", stage, states(lines, stage, to="committed")
    came = kinds.index("deal.accepted")
    yield "an invitation that was not answered, by a server that chains anew", came, states(lines, came, invitation=1)
    set_at = kinds.index("deal.presence_set")
    yield "a presence that was not proposed, by a server that chains anew", set_at, states(lines, set_at, to="in_room")
    proposed = json.loads(lines[kinds.index("deal.presence_proposed")])
    settled = {field: json.loads(lines[set_at])[field] for field in ("kind", "facts")}
    at = kinds.index("deal.presence_proposed") + 1
    later = [client.compact(entry | {"seq": entry["seq"] + 1}) for entry in map(json.loads, lines[at:])]
    early = client.compact(proposed | settled | {"seq": at + 1, "texts": []})
    yield "a presence that one party signed, by a server that chains anew", at, rechained(lines[:at] + [early, *later])
    bare = json.loads(lines[stage]) | {"author": "rule"}
    del bare["statement"]
    yield "a clock that moves the stage, by a server that chains anew", stage, rechained(with_line(stage, client.compact(bare)))
    named = json.loads(lines[set_at])
    colleague = next(who for who in map(by, lines) if who["org"] == by(lines[set_at])["org"] and who["id"] != by(lines[set_at])["id"])
    named["author"]["member"]["id"] = colleague["id"]
    yield "a colleague's name, by a server that chains anew", set_at, rechained(with_line(set_at, client.compact(named)))


def by(line):
    return json.loads(line)["author"]["member"]


def states(lines, place, **other):
    """The log of a server that states something else in an entry, under its signature, and chains anew."""
    entry = json.loads(lines[place])
    facts = json.loads(entry["facts"])
    ((_, event),) = facts["fact"].items()
    ((_, fact),) = event.items()
    assert any(fact.get(field) != value for field, value in other.items()), (entry["kind"], other)
    fact |= other
    told = client.compact(entry | {"facts": client.compact(facts)})
    return rechained(lines[:place] + [told] + lines[place + 1 :])


def swapped(line, kind):
    """Another text committed to, in place of the first."""
    entry = json.loads(line)
    facts = json.loads(entry["facts"])
    assert entry["kind"] == kind
    facts["texts"][0] = "00" * 32
    return client.compact(entry | {"facts": client.compact(facts), "texts": [None, *entry["texts"][1:]]})


# What an entry says beyond its signed command: its kind, and what a server might say instead.
BEYOND = [
    ("relation.ended", {"proposal": 1}),
    ("relation.confirmed", {"expires": 1}),
    ("relation.confirmed", {"begins": 9_999_999_999_999}),
    ("referral.disclosed", {"customer": 1, "contact": 0}),
    ("side.offered", {"draft": 1}),
    ("side.released", {"texts": [1, 0]}),
    ("org.replied", {"knock": 1}),
    ("org.replied", {"referral": None}),
]


def beyond(logs, server):
    """Each of these is refused by the entry's number, and the logs as they are hold."""
    schema, told = json.loads(client.SCHEMA.read_text()), set()

    def refuses(log, place, words):
        try:
            client.verify(log, server, None, schema)
        except client.Broken as why:
            assert str(why).startswith(f"entry {place + 1}: it says something else"), f"{words}: {why}"
        else:
            sys.exit(f"passes for what was signed: {words}")

    for lines in logs:
        client.verify(lines, server, None, schema)
        kinds = [json.loads(line)["kind"] for line in lines]
        for kind, other in BEYOND:
            if kind in kinds:
                refuses(states(lines, kinds.index(kind), **other), kinds.index(kind), f"{kind}: {other}")
                told.add(kind)
        for kind in {"referral.disclosed", "side.released"} & set(kinds):
            place = kinds.index(kind)
            refuses(rechained(lines[:place] + [swapped(lines[place], kind)] + lines[place + 1 :]), place, kind)
    assert told == {kind for kind, _ in BEYOND}, told
    # The answer to one request, in the place of the answer to another.
    place = [json.loads(line)["kind"] for line in logs[0]].index("referral.accepted")
    offered = [json.loads(line) for line in logs[0]]
    offered = [entry | {"at": entry["at"] - (entry["at"] == offered[0]["at"])} for entry in offered]
    refuses(rechained(map(client.compact, offered)), place, "an answer to another request")
    print(f"{len(BEYOND)} things that no signed command says, changed: each refused by its entry's number")


def refused(story, lines, server):
    """The example verifies the log as it is, and refuses each lie by its entry's number, as people run it."""
    file = story.folder / "deal.jsonl"

    def write(log):
        file.write_text("".join(f"{line}\n" for line in log))
        return file

    report = json.loads(story.python("verify", write(lines), server))
    print("verified:", report)
    signed = sum("statement" in json.loads(line) for line in lines)
    assert report["entries"] == len(lines) and report["signed"] == signed >= 5, report
    assert report["unproven"] == report["unsigned"] == [], report
    head = report["head"]
    for words, place, log in lies(lines):
        anew = [] if words.endswith("anew") else [head]
        told = story.python("verify", write(log), server, *anew, says=1)
        print(f"{words}: {told}", end="")
        assert told.startswith(f"entry {place + 1}: "), told
    told = story.python("verify", write(lines), "00" * 32, says=1)
    assert "for another server" in told, told
    return head


def swept(lines, server, head):
    """One bit of every so many bytes: each change is refused by the number of the entry that it is in."""
    schema = json.loads(client.SCHEMA.read_text())
    log, tried = [line.encode() for line in lines], 0
    for place, line in enumerate(log):
        for at in range(tried % STRIDE, len(line), STRIDE):
            for bit in (1, 32):
                other = line[:at] + bytes([line[at] ^ bit]) + line[at + 1 :]
                try:
                    client.verify(log[:place] + [other] + log[place + 1 :], server, head, schema)
                except client.Broken as why:
                    assert str(why).startswith(f"entry {place + 1}: "), f"byte {at} of entry {place + 1}: {why}"
                else:
                    sys.exit(f"byte {at} of entry {place + 1} changed unnoticed: {other.decode(errors='replace')}")
                tried += 1
    print(f"{tried} changes of one bit: each refused by its entry's number")


def main(binaries):
    with tempfile.TemporaryDirectory() as folder:
        story = Story(binaries, folder)
        link = link_in(story.run(*story.operator("init", "--vendor", "Northwind")))
        with subprocess.Popen(story.operator("serve"), stderr=subprocess.PIPE, text=True) as server:
            try:
                for line in server.stderr:
                    if "serving on" in line:
                        break
                # Whoever serves talks on; nobody may have to wait for this to be read.
                threading.Thread(target=server.stderr.read, daemon=True).start()
                town(story, link)
                room = deal(story)
                lines = example(story, room)
                frames = overheard(story, room)
                rooms = others(story)
            finally:
                server.terminate()
                server.wait(PATIENCE)
        # From here on there is no server.
        conform(frames)
        identity = link.rpartition("#")[2].split(".")[1]
        swept(lines, identity, refused(story, lines, identity))
        beyond(rooms, identity)


if __name__ == "__main__":
    main(*sys.argv[1:])
