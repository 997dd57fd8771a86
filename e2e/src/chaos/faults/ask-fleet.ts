import type { Rig, RigHub } from '../rig/rig.ts';

const readWithinMs = 2_000;
const commandWithinMs = 12_000;

/** One answer of the fleet API, from the first hub that answers well; throws the last refusal. */
export async function askFleet<T>(rig: Rig, path: string): Promise<T> {
  let last: unknown = new Error('no hub runs');
  for (const hub of rig.hubs) {
    try {
      const answer = await call(rig, hub, path, { signal: AbortSignal.timeout(readWithinMs) });
      return (await answer.json()) as T;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

/** Tells one hub something, once: what happened to a command without an answer is not known. Throws when it is not acknowledged. */
export async function tellHub(rig: Rig, hub: RigHub, path: string, body: object): Promise<void> {
  const signal = AbortSignal.timeout(commandWithinMs);
  await call(rig, hub, path, { signal, method: 'POST', body: JSON.stringify(body) });
}

async function call(rig: Rig, hub: RigHub, path: string, how: RequestInit): Promise<Response> {
  const headers = { authorization: `Bearer ${rig.keys.token}`, 'content-type': 'application/json' };
  const answer = await fetch(`${hub.api}${path}`, { ...how, headers });
  if (!answer.ok) throw new Error(`${path}: ${answer.status} ${await answer.text()}`);
  return answer;
}
