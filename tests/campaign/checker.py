# SPDX-License-Identifier: GPL-2.0-or-later
"""Judges what came of a campaign, by client-side facts alone (facts.py). Pure; a complaint is a
sentence, and no complaint means that nothing was lost, invented or doubled.

    complaints(attempts, found, world)        # [] if all is well
    figures(attempts, found, world)           # a Counter, to be printed

What is asked (the numbers are sections of RFC 6109):
- a message that was taken is certified, or its sender was told why not, once (3.1.2, 3.1.3);
- one that was not taken exists wholly, or not at all;
- each certified recipient ends in one of: delivery receipt, non-delivery notice, 24-hour notice
  (3.3), and in the one that its fate asks for;
- a delivery receipt if and only if the message is in the mailbox;
- nothing is in a mailbox twice, and nothing that nobody has sent or that isn't signed;
- what is embedded is what was handed in, byte for byte;
- one take-charge receipt covers each recipient who was reached (3.2.1);
- what a sender has to get comes to where his mail is kept, whatever he is called now.
The ordinary host gets its mail by plain SMTP, where a server that dies after it has taken a message may
be given it again. So what comes there twice is counted, and is no complaint.
"""

from collections import Counter, defaultdict

from facts import (ANOMALY, CERTIFIED, DELIVERED, EXPIRED, FAILED, INFECTED, LOST, NEVER, NOT_ACCEPTED, ORDINARY,
                   PASSED_ON, TAKEN, Attempt, Found, World)

ENVELOPE, ACCEPTANCE, REFUSAL = "posta-certificata", "accettazione", "non-accettazione"
DELIVERY, FAILURE, TIMEOUT = "avvenuta-consegna", "errore-consegna", "preavviso-errore-consegna"
TAKE_CHARGE, DETECTION, UNCERTIFIED = "presa-in-carico", "rilevazione-virus", "errore"
ENDS = {DELIVERY, FAILURE, TIMEOUT}
AFTER_12_HOURS, VIRUS, TOO_LATE = "4.4.1", "5.5.1", "5.4.7"
BRIEF = "breve"


def complaints(attempts: list[Attempt], found: list[Found], world: World) -> list[str]:
    known = {attempt.msgid: attempt for attempt in attempts}
    by_message: dict[str, list[Found]] = defaultdict(list)
    result = _repeated(found, world)
    for each in found:
        if each.flaw:
            result.append(f"{each.mailbox} has {each.kind} {each.message_id}: {each.flaw}")
        elif each.reference in known:
            by_message[each.reference].append(each)
        else:
            result.append(f"invented: {each.mailbox} has {each.kind} {each.message_id} about "
                          f"{each.reference or 'nothing'}, which nobody sent")
    for msgid, attempt in known.items():
        judge = _uncertified if attempt.becomes in (ANOMALY, NEVER) else _submitted
        result += [f"{attempt.kind} {msgid} ({attempt.answer}): {complaint}"
                   for complaint in judge(attempt, by_message[msgid], world)]
    return result


def figures(attempts: list[Attempt], found: list[Found], world: World) -> Counter:
    count = Counter(f"answer: {attempt.answer}" for attempt in attempts)
    count += Counter(f"sent: {attempt.kind}" for attempt in attempts)
    count += Counter(f"found: {each.kind}" for each in found if each.mailbox != world.ordinary)
    there = Counter(each.message_id for each in found if each.mailbox == world.ordinary)
    count["found: at the ordinary host"] = len(there)
    count["repeated at the ordinary host"] = there.total() - len(there)
    seen = {each.reference for each in found}
    count["not taken, but there"] = sum(attempt.answer != TAKEN and attempt.msgid in seen
                                        for attempt in attempts)
    return +count


def marked_uncertified(found: list[Found], domain: str) -> int:
    """How many messages were accepted for certified recipients of this domain as for ordinary ones."""
    return sum(each.kind == ACCEPTANCE and any(
        address.endswith(f"@{domain}") and not certified for address, certified in each.recipients)
        for each in found)


def _repeated(found: list[Found], world: World) -> list[str]:
    places = Counter((each.mailbox, each.message_id) for each in found
                     if each.mailbox != world.ordinary)
    result = [f"doubled: {mailbox} has {message_id} {times} times"
              for (mailbox, message_id), times in places.items() if times > 1]
    uses: dict[str, set] = defaultdict(set)
    for each in found:
        if each.kind not in (ENVELOPE, UNCERTIFIED):
            uses[each.message_id].add((each.kind, each.pec_id, each.about, each.covers))
    return result + [f"{message_id} is several messages: {sorted(several)}"
                     for message_id, several in uses.items() if len(several) > 1]


# ---- ordinary mail from outside --------------------------------------------------------------------


def _uncertified(attempt: Attempt, about: list[Found], _: World) -> list[str]:
    if attempt.becomes == NEVER:
        result = ["was taken"] if attempt.answer == TAKEN else []
        return result + [f"is in {each.mailbox}" for each in about]
    result = []
    for recipient in attempt.fates:
        here = [each for each in about if each.mailbox == recipient]
        if not here and attempt.answer == TAKEN:
            result.append(f"lost: {recipient} has it not")
    for each in about:
        if each.mailbox not in attempt.fates or each.kind != UNCERTIFIED:
            result.append(f"{each.mailbox} has {each.kind} of it")
        elif each.original != attempt.original:
            result.append(f"{each.mailbox} has it with other bytes")
    return result


# ---- what users submitted ----------------------------------------------------------------------------


def _submitted(attempt: Attempt, about: list[Found], world: World) -> list[str]:
    if not about:
        return ["lost: it was taken, and nothing came of it"] if attempt.answer == TAKEN else []
    answers = [each for each in about if each.kind in (ACCEPTANCE, REFUSAL)]
    wanted = ACCEPTANCE if attempt.becomes == CERTIFIED else REFUSAL
    result = []
    if [(each.kind, each.mailbox) for each in answers] != [(wanted, world.home_of(attempt.sender))]:
        result.append(f"its sender has, instead of one {wanted}, "
                      f"{[(each.kind, each.mailbox) for each in answers]}")
    if len(lives := {each.pec_id for each in about}) > 1:
        result.append(f"doubled: it was certified several times: {sorted(lives)}")
    rest = [each for each in about if each not in answers]
    if attempt.becomes == NOT_ACCEPTED:
        return result + [f"{each.mailbox} has {each.kind} of what was not accepted" for each in rest]
    for recipient, fate in attempt.fates.items():
        result += [f"{recipient}: {complaint}"
                   for complaint in _FATES[fate](attempt, recipient, rest, world)]
    return result + _misplaced(attempt, rest, world)


def _ends(recipient: str, about: list[Found]) -> list[Found]:
    return [each for each in about if each.about == recipient and each.kind in ENDS
            and each.code != AFTER_12_HOURS]


def _one_end(recipient: str, about: list[Found], wanted: str) -> list[str]:
    kinds = sorted(each.kind for each in _ends(recipient, about))
    if not kinds:
        return ["lost: its sender was told nothing"]
    if kinds == [wanted]:
        return []
    which = "doubled: " if len(kinds) > 1 else ""
    return [f"{which}its sender was told {kinds}, not one {wanted}"]


def _copies(recipient: str, about: list[Found], world: World) -> list[Found]:
    mailbox = world.aliases.get(recipient, recipient)
    return [each for each in about if each.kind == ENVELOPE and each.mailbox == mailbox]


def _delivered(attempt: Attempt, recipient: str, about: list[Found], world: World) -> list[str]:
    result = _one_end(recipient, about, DELIVERY)
    copies = _copies(recipient, about, world)
    receipts = [each for each in about if each.kind == DELIVERY and each.about == recipient]
    if receipts and not copies:
        result.append("invented: a delivery receipt, and the message is not there")
    if copies and not receipts:
        result.append("the message is there, and no delivery receipt")
    for each in (*copies, *receipts):
        if not _embeds_rightly(each, attempt):
            result.append(f"{each.kind} embeds other bytes")
    taken = [each for each in about if each.kind == TAKE_CHARGE and recipient in each.covers]
    if len(taken) != 1:
        result.append(f"{len(taken)} take-charge receipts")
    return result


def _embeds_rightly(each: Found, attempt: Attempt) -> bool:
    """A brief receipt has something of its own making in it, a concise one nothing."""
    if each.kind == DELIVERY and each.asked == BRIEF:
        return True
    return each.original == attempt.original or (each.kind == DELIVERY and not each.original)


def _not_delivered(_: Attempt, recipient: str, about: list[Found], world: World) -> list[str]:
    result = _one_end(recipient, about, FAILURE)
    if _copies(recipient, about, world):
        result.append("has it, although it failed")
    return result


def _infected(attempt: Attempt, recipient: str, about: list[Found], world: World) -> list[str]:
    result = _not_delivered(attempt, recipient, about, world)
    if any(each.code != VIRUS for each in _ends(recipient, about)):
        result.append("its sender was told of something else than a virus")
    detections = [each for each in about if each.kind == DETECTION and each.about == recipient]
    if len(detections) != 1:
        result.append(f"{len(detections)} virus detections")
    return result


def _expired(attempt: Attempt, recipient: str, about: list[Found], world: World) -> list[str]:
    result = _not_delivered(attempt, recipient, about, world)
    if any(each.code != TOO_LATE for each in _ends(recipient, about)):
        result.append("its sender was told of something else than that time ran out")
    return result


def _ordinary(_: Attempt, recipient: str, about: list[Found], world: World) -> list[str]:
    told = [each.kind for each in about if each.about == recipient]
    result = [f"its sender was told {told}"] if told else []
    if not any(each.kind == ENVELOPE and each.mailbox == world.ordinary for each in about):
        result.append("lost: it did not reach the ordinary host")
    return result


def _lost(_: Attempt, recipient: str, about: list[Found], __: World) -> list[str]:
    return _one_end(recipient, about, FAILURE)


_FATES = {DELIVERED: _delivered, PASSED_ON: _delivered, FAILED: _not_delivered, INFECTED: _infected,
          ORDINARY: _ordinary, LOST: _lost, EXPIRED: _expired}


def _misplaced(attempt: Attempt, about: list[Found], world: World) -> list[str]:
    """What is in a mailbox that it is not for, or speaks of somebody whom the message was not for."""
    places = {ENVELOPE: {world.aliases.get(recipient, recipient) for recipient in attempt.fates},
              TAKE_CHARGE: {world.service_of(attempt.sender)},
              DETECTION: {world.service_of(attempt.sender)},
              **dict.fromkeys(ENDS, {world.home_of(attempt.sender)})}
    if {ORDINARY, PASSED_ON} & set(attempt.fates.values()):
        places[ENVELOPE].add(world.ordinary)
    result = []
    for each in about:
        if each.mailbox not in places.get(each.kind, ()):
            result.append(f"invented: {each.mailbox} has {each.kind}, which is not for it")
        concerned = {each.about, *each.covers} - {""}
        if not concerned <= set(attempt.fates):
            result.append(f"invented: {each.kind} about {sorted(concerned - set(attempt.fates))}")
    return result
