#!/usr/bin/env python3
"""A client of Rialto that shares no code with it: pip install websockets cryptography blake3

client.py HOME join LINK NAME     becomes a member; HOME is a file for keys, outbox and places in logs
client.py HOME rooms              lists the rooms that one is seated in
client.py HOME say ROOM TEXT      says something, once, however often it has to be sent
client.py HOME tail ROOM [COUNT]  shows what is new since last time, then what happens, up to COUNT entries
client.py HOME export ROOM        prints the whole log of a room, an entry a line
client.py verify FILE SERVER [HEAD]  verifies such a file; HEAD is the hash of its last entry, kept from elsewhere
"""
import base64, json, os, secrets, ssl, sys, unicodedata
from collections import namedtuple
from contextlib import ExitStack
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from blake3 import blake3
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from websockets.sync.client import connect

SCHEMA = Path(__file__).parents[2] / "shared/protocol.schema.json"
ROOMS = ["or", "in", "ch", "dm", "pf", "pc", "rl", "sd", "rf", "dl", "rc"]  # a kind's number is its place, from 1
USES = ["admin", "invite_admin", "invite", "device", "link"]  # likewise
MAY_ISSUE = {"admin": USES, "invite_admin": ["admin", "device"], "invite": ["device"], "device": ["link"],
             "link": ["device"]}
ZERO = bytes(32)


def digest(domain, *parts):
    return blake3(domain.encode() + b"".join(len(part).to_bytes(8, "big") + part for part in parts)).digest()


def name(prefix, bits):
    return f"{prefix}_{base64.b32hexencode(bits).decode().lower().rstrip('=')}"


def bits(prefix, ident):
    """The 16 bytes of an id. Each value has one form: another that decodes alike is refused, here and in `raw`."""
    found = base64.b32hexdecode(ident.partition("_")[2].upper() + "======")
    if name(prefix, found) != ident:
        raise ValueError(f"{ident} is no id of the form {prefix}_…")
    return found


def raw(text, length=32):
    found = bytes.fromhex(text)
    if found.hex() != text or len(found) != length:
        raise ValueError(f"{text} is not {length} bytes in lower-case hexadecimal digits")
    return found


def key_of(room):
    return bytes([ROOMS.index(room[:2]) + 1]) + bits(room[:2], room)


def compact(value):
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def commit(text):
    return blake3(raw(text["salt"]) + text["text"].encode()).hexdigest()


# --- signatures and certificates -------------------------------------------------------------------------------------


def public(key):
    return key.public_key().public_bytes_raw()


def device_of(key):
    return name("dev", digest("rialto-device-1", key)[:16])


def signed(key, message, signature):
    try:
        Ed25519PublicKey.from_public_bytes(raw(key)).verify(raw(signature, 64), message)
        return True
    except InvalidSignature:
        return False


def certificate_preimage(server, link):
    use = bytes([USES.index(link["to"]) + 1])
    org, issuer, subject = bits("org", link["org"]), raw(link["issuer"]), raw(link["subject"])
    return digest("rialto-certificate-1", server, org, issuer, subject, use)


def issue(key, server, org, subject, use):
    link = {"org": org, "issuer": public(key).hex(), "subject": subject.hex(), "to": use}
    return link | {"signature": key.sign(certificate_preimage(server, link)).hex()}


def holder(chain, server, org, root):
    """The key at the end of a chain of certificates that begins at an organisation's root key."""
    key, use = root, "admin"
    check(1 <= len(chain) <= 8, "its statement has no chain of 1 to 8 certificates")
    for link in chain:
        fits = link["org"] == org and link["issuer"] == key and link["to"] in MAY_ISSUE[use]
        holds = fits and signed(key, certificate_preimage(server, link), link["signature"])
        check(holds, "a certificate does not hold")
        key, use = link["subject"], link["to"]
    check(use in ("admin", "device"), "a key out of an invitation signs nothing")
    return key


# --- verifying a log -------------------------------------------------------------------------------------------------


class Broken(Exception):
    pass


def check(holds, words):
    if not holds:
        raise Broken(words)


def author_bytes(author):
    if isinstance(author, dict):
        member = author["member"]
        return b"\1" + bits("mem", member["id"]) + bits("org", member["org"]) + bits("dev", member["device"])
    return {"operator": b"\2", "rule": b"\3"}[author]


def statement_hash(said):
    links = [(bits("org", link["org"]), raw(link["issuer"]), raw(link["subject"]), bytes([USES.index(link["to"]) + 1]),
              raw(link["signature"], 64)) for link in said["chain"]]
    return digest("rialto-statement-1", said["declaration"].encode(), raw(said["signature"], 64),
                  b"".join(part for link in links for part in link))


def entry_hash(entry):
    """The link of the chain. Texts are in it by the commitments in the facts, so an erased text breaks nothing."""
    seq, term, at = (entry[field].to_bytes(8, "big", signed=field == "at") for field in ("seq", "term", "at"))
    return digest("rialto-entry-1", key_of(entry["room"]), seq, raw(entry["prev"]), term, at,
                  author_bytes(entry["author"]), entry["kind"].encode(), blake3(entry["facts"].encode()).digest(),
                  statement_hash(entry["statement"]) if "statement" in entry else ZERO)


def texts_hold(entry, facts):
    texts, commitments = entry.get("texts", []), facts.get("texts", [])
    check(len(texts) == len(commitments) <= 8, "its texts are not as many as its facts commit to")
    for text, commitment in zip(texts, commitments):  # an erased text is null
        check(text is None or commit(text) == commitment, "a text was changed")


def roots_in(kind, fact):
    """The root keys that a deal records: of those it begins with, and of each that comes in."""
    parties = fact["parties"] if kind == "deal.opened" else [fact] if kind == "deal.accepted" else []
    return {party["org"]: party["root"] for party in parties}


def seats(entry, fact, seated):
    """Whom the vendor announced as an organisation's admin, since when, and who was seated after the 72 hours."""
    whom, since, heir = seated
    match entry["kind"]:
        case "org.successor_announced":
            return fact["successor"], entry["at"], None
        case "org.successor_seated":
            ((how, of),) = fact["successor"].items()
            member = of if how == "member" else name("mem", digest("rialto-member-1", raw(of["code"]))[:16])
            return None, 0, member if whom == fact["successor"] and entry["at"] - since >= 72 * 3_600_000 else None
        case "org.successor_refused" | "org.succession_lapsed" | "org.halted":
            return None, 0, heir
    return seated


def renews(entry, fact, roots, seated, whole):
    """From here on an organisation's certificates start from another root key: so says in its own room whom the vendor seated
    there, and in every other one the rules. There is no way back to one that was replaced."""
    org, by, keys = fact["org"], entry["author"], roots.get(fact["org"])
    if entry["room"] == own_room(org):
        by = isinstance(by, dict) and by["member"]
        check(by and by["org"] == org and (by["id"] == seated[2] or not whole), "only whom the vendor seated renews a root key")
    else:
        check(by == "rule", "nobody renews another's root key")
    if keys is not None:
        check(fact["root"] not in keys, f"it gives {org} a root key that was replaced")
        keys.append(fact["root"])


def matter(entry, facts, fact):
    """What a deal's invitation, or a request to connect, says to whoever answers it: the answer names this, and no place
    in the log."""
    if entry["kind"] == "org.knocked":
        said = statement_hash(entry["statement"]) if "statement" in entry else ZERO
        return digest("rialto-knock-1", key_of(entry["room"]), author_bytes(entry["author"]),
                      blake3(entry["facts"].encode()).digest(), said)
    by, until = entry["author"]["member"]["org"], fact["until"].to_bytes(8, "big", signed=True)
    return digest("rialto-deal-invitation-1", key_of(entry["room"]), bits("org", by), bits("org", fact["org"]),
                  fact["responsibility"].encode(), until, raw(facts["texts"][fact["message"]]))


def requested(entry, fact, span):
    """What the answer to a request to connect names, worked out from what its maker reads of it."""
    said = entry["statement"]
    what = json.loads(said["declaration"])
    asked = json.loads(what["facts"])
    ((_, command),) = asked["fact"].items()
    ((_, command),) = command.items()
    referral = {"org.asked": fact.get("referral"), "side.offered": fact.get("offer")}.get(entry["kind"], entry["room"])
    until = fact["until"] if entry["kind"] == "org.asked" else entry["at"] + span
    knocked = {"from": what["org"], "root": said["chain"][0]["issuer"], "words": 0}
    knocked |= ({"referral": referral} if referral else {}) | {"until": until}
    facts = {"texts": asked["texts"][:1], "fact": {"org": {"knocked": knocked}}}
    entry = entry | {"room": own_room(command["to"]), "kind": "org.knocked", "facts": compact(facts)}
    return matter(entry, facts, knocked)


def own_room(org):
    return name("or", bits("org", org))


def relation(*orgs):
    return name("rl", digest("rialto-relation-1", *sorted(bits("org", org) for org in orgs))[:16])


def at(fact, path):
    for field in path.split("."):
        fact = fact.get(field) if isinstance(fact, dict) else None
    return fact


def as_set(value):
    """What is absent is empty, and a single value is a set of one: nobody signs an order."""
    return {compact(one) for one in (value if isinstance(value, list) else [] if value is None else [value])}


def word(value):
    return value if isinstance(value, str) else compact(value)


def promised(promise, need):
    """The commitments of a promise, as an offer signs them; none where the need is not the promised one."""
    teaser, consent, terms = promise["teaser"], promise["consent"], promise["terms"]
    fee, band = terms["fee"], teaser["value"]
    amount = f"{fee['bps']} bps" if "bps" in fee else f"{fee['flat']['minor']} {fee['flat']['currency']}"
    words = [teaser[name] for name in ("industry", "country", "size", "want")]
    words += [band["band"], band["currency"], teaser["urgency"]]
    agreed = [bytes([consent["share_pii"], consent["may_contact"]]), consent["obtained_at"].encode(), amount.encode()]
    shown = digest("rialto-shown-1", raw(promise["salt"]), *(one.encode() for one in words), *agreed,
                   terms["months"].to_bytes(2, "big"), raw(promise["need"]))
    full = digest("rialto-dossier-1", *(raw(one) for one in promise["dossier"]))
    return (shown.hex(), full.hex()) if need == promise["need"] else None


def of_draft(drafted):
    """What an offer of a draft promises."""
    draft, texts = drafted["draft"], drafted["commitments"]
    held_back = texts[1:2 + draft["contact"] + draft["notes"]]
    return {name: draft[name] for name in ("teaser", "consent", "terms", "salt")} | {"need": texts[0], "dossier": held_back}


def starts(day):
    """When a day begins."""
    return (date.fromisoformat(day) - date(1970, 1, 1)).days * 86_400_000


# Of an entry or a command: its facts, and the fact in them. Of an entry, too: itself, and the hashes that answers name.
Told = namedtuple("Told", "facts fact entry names", defaults=(None, ()))


class Deal:
    """How a deal stands, as its log says: who is there, and how the vendor is present."""
    def __init__(self):
        self.people, self.called, self.presence, self.signed, self.to = {}, set(), None, None, None

    def takes(self, kind, fact):
        org, people = fact.get("org"), [one["id"] if isinstance(one, dict) else one for one in fact.get("people", [])]
        match kind:
            case "deal.opened":
                self.people = {party["org"]: {one["id"] for one in party["people"]} for party in fact["parties"]}
                self.presence = fact["presence"]
            case "deal.accepted" | "deal.people_added":
                self.people[org] = self.people.get(org, set()) | set(people)
                self.called -= set(people)
            case "deal.people_removed" | "deal.left":
                gone = {*people, fact.get("member")}
                self.people[org] = self.people.get(org, set()) - gone
                self.called -= gone
            case "deal.handed_over":
                self.people[org] = self.people.get(org, set()) - {fact["from"]} | {fact["to"]}
                self.called -= {fact["to"]}
            case "deal.withdrawn" | "deal.party_removed":
                self.called -= self.people.pop(org, set())
                self.signed = None
            case "deal.presence_proposed":
                self.signed, self.to = {org}, fact["to"]
            case "deal.presence_signed" if self.signed is not None:
                self.signed.add(org)
            case "deal.presence_lapsed":
                self.signed = None
            case "deal.presence_set":
                self.presence, self.signed = fact["to"], None
                self.called = set() if fact["to"] == "not_present" else self.called
            case "deal.vendor_called":
                self.called |= set(fact["members"])

    def says(self, kind, of, fact):
        """Of an entry: the vendor is present so, every party has signed, or all the people of one are named."""
        if kind == "present":
            return self.presence in of
        if kind == "everybody":
            return set(fact[of]) == self.people.get(fact["org"], set())
        leaves = self.called if self.to == "not_present" else set()
        return self.signed is not None and set(self.people) <= self.signed and set(fact.get(of, [])) == leaves


def looks_back(kind, of, what, stated, log):
    """Compares an entry with an earlier one in the command's place. Where the log is held from its beginning, there must be
    such a one."""
    def all_hold(one, bonds):
        return bonds is not None and all(holds(bond, what, stated, one, log) for bond in bonds)

    whole = bool(log) and log[0].entry["seq"] == 1
    if kind == "follows":
        return any(all_hold(one, of[1]) for one in log if one.entry["kind"] == of[0]) or not whole
    if kind == "opening":
        return all_hold(log[0], of) if whole else True
    found = [one for one in log if raw(what["subject"]) in one.names]
    return all(all_hold(one, dict(of).get(one.entry["kind"])) for one in found) and (bool(found) or not whole)


def holds(bond, what, stated, signed, log):
    """One line of `x-bonds`: what an entry says, as the signed command has it, or as an earlier entry does."""
    ((kind, of),) = bond.items() if isinstance(bond, dict) else [(bond, None)]
    path, more = of if isinstance(of, list) and len(of) == 2 else (of, None)
    maker, entry, room, texts = what["org"], stated.entry, stated.entry["room"], stated.facts.get("texts", [])
    fact, asked = stated.fact, signed.fact
    match kind:
        case "same" | "as":
            return as_set(at(fact, path)) == as_set(at(asked, more or path))
        case "is":
            return word(at(fact, path)) == more
        case "said":
            return word(at(asked, path)) in more
        case "has":
            return (at(fact, path) is not None) == more
        case "maker":
            return at(fact, path) == maker
        case "sent":
            return at(fact, path) == what["room"]
        case "there":
            return room == what["room"]
        case "home":
            return room == own_room(maker)
        case "concerns":
            return room == own_room(maker) or at(fact, path) == maker
        case "at":
            return room == at(asked, path)
        case "at_org":
            return room == own_room(at(asked, path))
        case "parties":
            named = {org for org, _ in fact["parties"]} == {maker, at(asked, path)}
            return named and room == relation(maker, at(asked, path))
        case "between":
            return what["room"] == relation(name("org", bits("or", room)), at(fact, path))
        case "with":
            meant = as_set(at(asked, path)) | as_set(entry["author"]["member"]["id"])
            return as_set([one["id"] if isinstance(one, dict) else one for one in at(fact, path)]) == meant
        case "either":
            return any(all(holds(one, what, stated, signed, log) for one in ways) for ways in of)
        case "texts":
            return texts == signed.facts.get("texts", [])
        case "text":
            return texts[at(fact, path)] == signed.facts["texts"][0]
        case "promise":
            return promised(at(fact, path), texts[fact["need"]]) == (asked["shown"], asked["full"])
        case "answers" | "opening" | "follows":
            return looks_back(kind, of, what, stated, log)
        case "present" | "unanimous" | "everybody":
            deal = Deal()
            for one in log:
                deal.takes(one.entry["kind"], one.fact)
            return deal.says(kind, of, fact) if log and log[0].entry["seq"] == 1 else True
        # The others are of an earlier entry.
        case "itself":
            command = told(json.loads(what["facts"]))
            return all(holds(one, what, signed, command, log) for one in of)
        case "number":
            return at(fact, path) == signed.entry["seq"]
        case "author":
            in_charge = signed.entry["author"]["member"]["id"]
            for one in log:
                if one.entry["kind"] == "deal.handed_over" and one.entry["seq"] > signed.entry["seq"]:
                    in_charge = one.fact["to"] if one.fact["from"] == in_charge else in_charge
            return at(fact, path) == in_charge
        case "held_back":
            return texts == at(asked, path)["dossier"]
        case "of_draft":
            return at(fact, path) == of_draft(asked["drafted"])
        case "term":
            begins, last = starts(asked["from"]), asked.get("to")
            expires = last and starts(last) + starts("1970-01-02")
            return (at(fact, "begins"), at(fact, "expires")) == (begins if begins > entry["at"] else None, expires)
        case "requested":
            return requested(signed.entry, asked, of) == raw(what["subject"])
    raise ValueError(f"a bond of an unknown kind, {kind}")


def told(facts, **entry):
    ((_, event),) = facts["fact"].items()
    ((_, fact),) = event.items()
    return Told(facts, fact, **entry)


def bound(what, entry, facts, fact, bonds, log):
    """Nothing in an entry says something else than what was signed, and than what follows from what that answers."""
    for bond in bonds.get(what["kind"], {}).get(entry["kind"], []):
        same = holds(bond, what, Told(facts, fact, entry), told(json.loads(what["facts"])), log)
        check(same, f"it says something else than was signed: {compact(bond)}")


def statement_holds(entry, what, server, roots):
    """Whether a statement is proven; what is wrong with it is an error. Unproven: the log records no such root key."""
    said, by = entry["statement"], entry["author"]["member"]
    check(what["server"] == server, "its statement was signed for another server")
    check((by["org"], by["device"]) == (what["org"], what["device"]), "its statement is not its author's")
    if what["org"] not in roots:
        return False
    key = holder(said["chain"], raw(server), what["org"], roots[what["org"]][-1])
    check(signed(key, said["declaration"].encode(), said["signature"]), "its signature does not hold")
    check(device_of(raw(key)) == what["device"], "another device signed it")
    return True


def verify(lines, server, head=None, schema=None):
    """Verifies a room's log. The chain is checked from its end, so that what was changed is itself named and not the
    entry after it; without a head from elsewhere, the end is the log's own word."""
    schema = schema or json.loads(SCHEMA.read_text())
    causes, bonds, never_bare = schema["x-causes"], schema["x-bonds"], set(schema["x-signed"])
    commits = {effects[0] for effects in causes.values()}
    log, before, roots, known, spent, devices, seated = [], [], {}, {ZERO}, {}, {}, (None, 0, None)
    report, seq = {"signed": 0, "unproven": [], "unsigned": []}, 0
    try:
        for line in lines:
            seq += 1
            entry = json.loads(line)
            log.append((entry, entry_hash(entry)))
            seq = seq if len(log) > 1 else entry["seq"]  # whoever came in later sees the log from there on
            check(entry["v"] == 1 and entry["seq"] == seq, "it stands in another place than its own")
        check(log, "there is none")
        room, first, want = log[-1][0]["room"], log[0][0]["seq"], raw(head) if head else log[-1][1]
        for entry, found in reversed(log):
            seq = entry["seq"]
            check(found == want and entry["room"] == room, "it was changed: what comes after names another hash")
            want = raw(entry["prev"])
        check(first > 1 or want == ZERO, "something stood before it")
        moment = log[0][0]["at"]
        for entry, found in log:
            seq, facts = entry["seq"], json.loads(entry["facts"])
            ((place, event),) = facts["fact"].items()
            ((verb, fact),) = event.items() if isinstance(event, dict) else [(event, None)]
            check(f"{place}.{verb}" == entry["kind"], "its facts are of another kind")
            check(moment <= entry["at"], "it is dated before the entry before it")
            moment = entry["at"]
            texts_hold(entry, facts)
            if isinstance(entry["author"], dict):
                by = entry["author"]["member"]
                check(devices.setdefault(by["device"], by["id"]) == by["id"], "that device is another member's")
            for org, root in roots_in(entry["kind"], fact).items():
                check(root in roots.setdefault(org, [root]), f"it gives {org} another root key")
            seated = seats(entry, fact, seated)
            if entry["kind"] == "key.renewed":
                renews(entry, fact, roots, seated, first == 1)
                seated = (None, 0, None)
            if "statement" in entry:
                what = json.loads(entry["statement"]["declaration"])
                proven = statement_holds(entry, what, server, roots)
                report["signed"] += proven
                report["unproven"] += [] if proven else [seq]
                check(entry["kind"] in causes.get(what["kind"], []), f"a signed {what['kind']} does not justify it")
                bound(what, entry, facts, fact, bonds, before)
                lost = what["room"] == room and first == 1 and raw(what["subject"]) not in known
                check(not lost, "its statement answers an entry that does not stand before it")
                # All that one command causes in a room, it causes at once: later it would be executed again.
                once = (statement_hash(entry["statement"]), moment)
                check(spent.setdefault((what["device"], what["nonce"]), once) == once, "its statement was used before")
            elif entry["kind"] in never_bare:
                check(False, "it carries no statement")
            elif isinstance(entry["author"], dict) and entry["kind"] in commits:
                report["unsigned"].append(seq)
            names = {found, matter(entry, facts, fact)} if entry["kind"] in ("deal.invited", "org.knocked") else {found}
            known |= names
            before.append(Told(facts, fact, entry, names))
    except Broken as why:
        raise Broken(f"entry {seq}: {why}") from None
    except (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as why:
        raise Broken(f"entry {seq}: it cannot be read: {why!r}") from None
    return report | {"entries": len(log), "head": log[-1][1].hex()}


# --- a connection ----------------------------------------------------------------------------------------------------


def taken_apart(link):
    """Of an invitation's link: host and port, how TLS is ended, the code, the server's id. Also of the older form."""
    parts = urlsplit(link)
    if parts.scheme in ("https", "http"):  # https://HOST:PORT/join#CODE.SERVER
        code, server, *proxy = parts.fragment.split(".")
        how = "plain" if parts.scheme == "http" else "proxy" if proxy else "tls"
        return parts.netloc, how, code, server
    code, how = parts.path.removeprefix("/i/"), parts.scheme.partition("+")[2] or "tls"  # rialto://HOST:PORT/i/CODE#SERVER
    return parts.netloc, how, code, parts.fragment


def leads(server, rotations, key):
    """Whether each identity key of the server signed the one after it, from the first, whose hash is the server's id."""
    keys = [step["from"] for step in rotations] + [key]
    pairs = enumerate(zip(rotations, keys, keys[1:]))
    holds = all(signed(old, digest("rialto-rotation-1", server, place.to_bytes(4, "big"), raw(old), raw(new)), step["signature"])
                for place, (step, old, new) in pairs)
    return holds and len(rotations) <= 32 and digest("rialto-server-1", raw(keys[0])) == server


class Client:
    def __init__(self, home, open_until_exit):
        self.home, self.names, self.enter = Path(home), {}, open_until_exit.enter_context
        self.held = json.loads(self.home.read_text()) if self.home.exists() else {}

    def keep(self, **held):
        """Durable, before anything is sent that rests on it."""
        self.held |= held
        new = self.home.with_suffix(".new")
        with os.fdopen(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            file.write(compact(self.held))
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.home)

    def send(self, kind, **body):
        self.ws.send(compact({kind: body}))

    def frame(self):
        ((kind, body),) = json.loads(self.ws.recv()).items()
        if kind in ("cards", "welcome"):  # names come along with what needs them
            cards = body["members"] + body["orgs"] if kind == "cards" else [body["member"], body["org"]]
            self.names |= {card["id"]: card["name"]["text"] if card["name"] else "(erased)" for card in cards}
        if kind == "error":
            sys.exit(body["error"]["words"])
        return kind, body

    def until(self, wanted):
        kind, body = self.frame()
        return body if kind == wanted else self.until(wanted)

    def open(self):
        """Reaches the server, has it prove to be the one in the link, and gives the signature that logs in."""
        address, how, _, server = taken_apart(self.held["link"])
        tls = ssl.create_default_context() if how != "plain" else None
        if tls:  # whatever certificate there is: the proof is bound to it
            tls.check_hostname, tls.verify_mode = False, ssl.CERT_NONE
        self.ws = self.enter(connect(f"{'wss' if tls else 'ws'}://{address}/", ssl=tls, subprotocols=["rialto.1"]))
        nonce = secrets.token_bytes(32)
        self.send("hello", versions=[1], nonce=nonce.hex())
        proof = self.until("challenge")
        seen = blake3(self.ws.socket.getpeercert(True)).digest() if how == "tls" else None
        binding, bound = ({"tls": seen.hex()}, b"\1" + seen) if seen else (
            ("behind_proxy", b"\2") if tls else ("plain", b"\3"))
        both = [nonce, raw(proof["nonce"]), raw(server), bound]
        rotations, (count, known) = proof.get("rotations", []), self.held.get("known", (0, None))
        pinned = leads(raw(server), rotations, proof["key"]) and proof["server"] == server
        pinned = pinned and known in ([*(step["from"] for step in rotations), proof["key"]][count:count + 1] + [None])
        proven = signed(proof["key"], digest("rialto-challenge-1", *both), proof["signature"])
        if not (pinned and proven and proof["binding"] == binding and proof["version"] == 1):
            sys.exit("not the server of the invitation, or somebody is in between: nothing was sent to it")
        if rotations:  # there is no way back from a key that was seen
            self.keep(known=(len(rotations), proof["key"]))
        self.key = Ed25519PrivateKey.from_private_bytes(raw(self.held["key"]))
        version = proof["version"].to_bytes(2, "big")
        return self.key.sign(digest("rialto-login-1", *both, bits("dev", device_of(public(self.key))), version)).hex()

    def join(self, link, person):
        if self.held:
            sys.exit(f"{self.home} holds an account already")
        lane, key, root = name("lane", secrets.token_bytes(16)), secrets.token_hex(32), secrets.token_hex(32)
        self.keep(link=link, key=key, root=root, lane=lane, n=0, pending=None, heads={})
        signature, (_, _, code, server) = self.open(), taken_apart(link)
        server = raw(server)
        secret = bits("i", f"i_{code}")
        self.send("invitation", code=code)
        offer = self.until("invitation")
        own = public(self.key)
        facts = {"code": digest("rialto-invitation-1", secret).hex(), "key": own.hex(), "chain": []}
        if not offer["claimed"] or offer.get("renews"):  # who comes first, or is seated by the vendor, makes the root key
            root = Ed25519PrivateKey.from_private_bytes(raw(root))
            facts |= {"chain": [issue(root, server, offer["org"], own, "admin")], "root": public(root).hex()}
        elif offer["chain"]:  # an admin certified the key that is in the code
            voucher = Ed25519PrivateKey.from_private_bytes(digest("rialto-invitation-key-1", secret))
            use = "admin" if offer["chain"][-1]["to"] == "invite_admin" else "device"
            facts["chain"] = offer["chain"] + [issue(voucher, server, offer["org"], own, use)]
        facts, texts = worded({"org": {"join": facts}}, person)
        self.send("join", code=code, facts=facts, texts=texts, signature=signature)
        return self.until("welcome")

    def login(self, cursors=()):
        """Logs in, says what is held, and takes in the rest: snapshots of rooms, or what is new in them."""
        signature = self.open()
        self.send("login", device=device_of(public(self.key)), signature=signature)
        self.until("welcome")
        self.send("resume", cursors=list(cursors), last=True)
        rooms, parts = {}, []
        while (frame := self.frame())[0] != "ready":
            kind, body = frame
            if kind == "snapshot":
                parts.append(body["body"])
                if len(parts) == body["parts"]:
                    rooms[body["room"]], parts = json.loads("".join(parts)), []
            elif kind == "entries":
                rooms.setdefault(body["room"], []).extend(body["entries"])
        return rooms

    def deliver(self):
        """Sends what is kept unanswered. After a cut the same goes out under the same number, and counts once."""
        self.send("command", **self.held["pending"])
        outcome = self.until("answer")["outcome"]
        self.keep(pending=None)
        return outcome

    def page(self, room, **want):
        self.send("page", id=1, room=room, want=want, limit=100)
        return self.until("page")


def worded(fact, *texts):
    """The facts as they are hashed, and the texts beside them."""
    salted = [{"salt": secrets.token_hex(32), "text": unicodedata.normalize("NFC", text)} for text in texts]
    return compact({"texts": [commit(text) for text in salted], "fact": fact}), salted


def title(room, held, names):
    ((kind, state),) = held["room"]["state"].items()
    texts = {(at["seq"], at["slot"]): text["text"] for at, text in held["texts"]}
    if kind == "channel":
        return "#" + state["settings"]["handle"]
    if kind == "deal":
        at = state["header"]["title"]["value"]
        return texts.get((at["seq"], at["slot"]), "(erased)")
    grants = [grant.popitem() for grant in held["room"]["audience"]["grants"]]
    people = [grant["id"] for of, grant in grants if of in ("member", "org")]
    return f"{kind}: " + ", ".join(names.get(one, one) for one in people)


# --- at the command line ---------------------------------------------------------------------------------------------


def join(client, link, person):
    welcome = client.join(link, person)
    print(f"{welcome['member']['id']} of {welcome['org']['name']['text']} on {welcome['server_name']}")


def rooms(client):
    for room, held in client.login().items():
        print(room, title(room, held, client.names))


def say(client, room, words):
    client.login()
    if client.held["pending"]:
        print("said before:", compact(client.deliver()))
    facts, texts = worded({"talk": {"say": {}}}, words)
    lane, number = client.held["lane"], client.held["n"] + 1
    client.keep(n=number, pending={"lane": lane, "n": number, "room": room, "facts": facts, "texts": texts})
    print(compact(client.deliver()))


def place(entry):
    return {"seq": entry["seq"], "hash": entry_hash(entry).hex()}


def tail(client, room, count="0"):
    head, left = client.held["heads"].get(room), int(count) or -1
    fresh = client.login([(room, head)] if head else []).get(room)
    if not isinstance(fresh, list):  # nothing held, or too far behind: a page has the newest entries
        fresh, head = client.page(room, before=0)["entries"], None
    client.send("watch", room=room, cursor=place(fresh[-1]) if fresh else head)
    while True:
        for entry in fresh:
            if head and entry["seq"] <= head["seq"]:
                continue
            if head and (entry["seq"], entry["prev"]) != (head["seq"] + 1, head["hash"]):
                sys.exit(f"entry {entry['seq']} does not follow what is held: this is another log than before")
            by = entry["author"]["member"]["id"] if isinstance(entry["author"], dict) else entry["author"]
            texts = [text["text"] if text else "(erased)" for text in entry.get("texts", [])]
            print(entry["seq"], client.names.get(by, by), entry["kind"], *texts, sep="  ", flush=True)
            head = place(entry)
            client.keep(heads=client.held["heads"] | {room: head})
            if (left := left - 1) == 0:
                return
        body = client.until("entries")
        fresh = body["entries"] if body["room"] == room else []


def export(client, room):
    client.login()
    seq, more = 0, True
    while more:
        page = client.page(room, after=seq)
        for entry in page["entries"]:
            print(compact(entry))
        seq, more = page["entries"][-1]["seq"], page["more"]


if __name__ == "__main__":
    if sys.argv[1:2] == ["verify"]:
        try:
            print(compact(verify(Path(sys.argv[2]).read_text().splitlines(), *sys.argv[3:])))
        except Broken as why:
            sys.exit(str(why))
    elif len(sys.argv) > 2 and sys.argv[2] in ("join", "rooms", "say", "tail", "export"):
        with ExitStack() as stack:
            globals()[sys.argv[2]](Client(sys.argv[1], stack), *sys.argv[3:])
    else:
        sys.exit(__doc__)
