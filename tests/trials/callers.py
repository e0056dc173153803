"""EHRs that call for different patients with a token each, and note what they saw; nothing is tried again."""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from hashlib import sha256
from itertools import count
from typing import NamedTuple

import orjson
from joserfc.jwk import ECKey
from kept_wire import KeptWire
from sick_people import PEOPLE, SERVICE, Patient

from cds.trust.signing import signed_token

PATH = f"/cds-services/{SERVICE}"
ISSUER = "https://ehr.example"
UNDER_WAY = 8
PAUSE = 0.1
"""Seconds that each caller waits after an answer: the service is under load, and not saturated."""
PATIENCE = 15.0


class Seen(NamedTuple):
    """One call: what came of it, and when, in monotonic seconds."""

    kind: str
    sent: float
    ended: float


class Signer:
    """The private key that calls are signed with; ``rotate`` makes another one."""

    def __init__(self) -> None:
        self._numbers = count()
        self.rotate()

    def rotate(self) -> None:
        """Sign with a new key from now on."""
        self.key = ECKey.generate_key("P-384", {"kid": f"trial-{next(self._numbers)}"})

    def key_set(self) -> bytes:
        """The public key as a JSON Web Key Set."""
        return orjson.dumps({"keys": [self.key.as_dict(private=False)]})

    def token(self, audience: str) -> str:
        """A token for one call."""
        return signed_token(self.key, ISSUER, audience, int(time.time()))


class Callers:
    """So many clients at once; ``acknowledged`` are the instances that were answered as kept, with their SHA-256.

    ``unkept`` counts answers that say themselves that they were not recorded. ``fhir`` is the base of the FHIR server
    that is named in each call, which then is partial.
    """

    def __init__(self, port: int, signer: Signer, fhir: str = "") -> None:
        self.port, self.signer, self.fhir = port, signer, fhir
        self.seen: list[Seen] = []
        self.acknowledged: dict[str, str] = {}
        self.unkept = 0
        self.refusals: Counter[str] = Counter()
        self._patients = [Patient(number) for number in range(PEOPLE)]
        self._numbers = count()

    async def call_until(self, over: asyncio.Event) -> None:
        """Call until it is over."""
        await asyncio.gather(*(self._one(over) for _ in range(UNDER_WAY)))

    async def _one(self, over: asyncio.Event) -> None:
        wire = KeptWire(self.port)
        while not over.is_set():
            sent = time.monotonic()
            kind = await self._called(wire)
            self.seen.append(Seen(kind, sent, time.monotonic()))
            await asyncio.sleep(PAUSE)
        wire.close()

    async def _called(self, wire: KeptWire) -> str:
        """What came of one call."""
        patient = self._patients[next(self._numbers) % PEOPLE]
        instance, body = patient.call(self.fhir)
        try:
            status, answer = await asyncio.wait_for(wire.exchange(self.head(body) + body), PATIENCE)
        except (TimeoutError, asyncio.TimeoutError):
            wire.close()
            return f"no answer in {PATIENCE:g} s"
        except ConnectionRefusedError:
            wire.close()
            return "no connection"
        except (OSError, EOFError, ValueError):
            wire.close()
            return "cut off"
        return self._judged(patient, instance, status, answer)

    def _judged(self, patient: Patient, instance: str, status: int, answer: bytes) -> str:
        data = orjson.loads(answer)
        if status != 200:
            self.refusals[f"{status} {data['issue'][0]['diagnostics']}"] += 1
            return str(status) if data.get("resourceType") == "OperationOutcome" and "cards" not in data else "wrong"
        self.note(instance, status, answer)
        return "right" if patient.is_right(data, partial=bool(self.fhir)) else "wrong"

    def note(self, instance: str, status: int, answer: bytes) -> None:
        """Note what an answer says of the log."""
        if status == 200 and b"notRecorded" in answer:
            self.unkept += 1
        elif status == 200:
            self.acknowledged[instance] = sha256(answer).hexdigest()

    def head(self, body: bytes) -> bytes:
        """The head of a request on the wire, with a new token."""
        token = self.signer.token(f"http://127.0.0.1:{self.port}{PATH}")
        lines = (f"POST {PATH} HTTP/1.1", f"host: 127.0.0.1:{self.port}", "content-type: application/json",
                 f"content-length: {len(body)}", f"authorization: Bearer {token}", "", "")  # fmt: skip
        return "\r\n".join(lines).encode()

    def counts(self) -> Counter[str]:
        """What clients saw."""
        return Counter(seen.kind for seen in self.seen)

    def right_again(self, lifted: float) -> float | None:
        """Seconds from a moment until every answer was right; 0 where none was wrong after it, None where it never was.

        A call that was sent before the moment counts too: what it waited for was still there.
        """
        after = sorted((seen for seen in self.seen if seen.ended > lifted), key=lambda seen: seen.ended)
        bad = [number for number, seen in enumerate(after) if seen.kind != "right"]
        if not bad:
            return 0.0
        rest = after[bad[-1] + 1 :]
        return rest[0].ended - lifted if rest else None
