import { isDeepStrictEqual } from 'node:util';
import { startSimServer } from '@meridian/kubesim';
import { startControlPlane, tempDir } from '@meridian/testkit';
import type { ApiServerAccess } from '@meridian/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { contractCases } from './cases/index.ts';
import { differenceOf } from './difference.ts';
import { connectHttp } from './http-client.ts';
import type { HttpClient } from './http-client.ts';
import { knownGaps } from './known-gaps.ts';
import { Replays, tellReplays } from './replays.ts';
import { record } from './session.ts';
import type { ContractCase } from './session.ts';
import { normalise } from './transcript.ts';
import type { Exchange } from './transcript.ts';

// Two real API servers hold each case to being a contract: what differs between them is chance, not behaviour. kubesim has to
// answer as they do. Cases that it does not meet yet are listed, and have to leave the list as soon as it does. A case that differs
// by chance is played again; few may.
const clients: HttpClient[] = [];
const resources = new AsyncDisposableStack();
const replays = new Replays(5);

beforeAll(async () => {
  const servers: ApiServerAccess[] = [];
  for (const name of ['first', 'second', 'simulated']) {
    const dir = resources.use(await tempDir(`contract-${name}`));
    const options = { name, dir: dir.path, durable: false, minimal: true };
    const start = name === 'simulated' ? startSimServer : startControlPlane;
    servers.push(resources.use(await start(options)));
  }
  clients.push(...servers.map((server) => connectHttp(server)));
});

afterAll(async () => {
  clients.forEach((client) => client.close());
  await resources.disposeAsync();
});

let count = 0;

describe.each(Object.entries(contractCases))('%s', (_, cases) => {
  it.each(cases)('$title', async (contract) => {
    count += 1;
    await replays.play(contract.title, `case-${String(count)}`, (namespace) => compare(contract, namespace));
  });
});

it('few cases had to be played again', () => tellReplays(replays));

async function compare(contract: ContractCase, namespace: string): Promise<void> {
  const [first, second, simulated] = await Promise.all(
    clients.map((client, index) => transcriptOf(client, contract, { namespace, isReal: index < 2 })),
  );
  expect(first?.length).toBeGreaterThan(0);
  expectSame(second, first);
  if (knownGaps.has(contract.title)) expect(simulated, 'is no gap any more').not.toEqual(first);
  else expectSame(simulated, first);
}

/** What a server answers; undefined when it is known not to serve what the case stands on. */
async function transcriptOf(
  client: HttpClient,
  contract: ContractCase,
  { namespace, isReal }: { readonly namespace: string; readonly isReal: boolean },
): Promise<readonly Exchange[] | undefined> {
  try {
    return normalise(await record(client, contract, namespace));
  } catch (error) {
    if (!isReal && knownGaps.has(contract.title)) return undefined;
    throw error;
  }
}

function expectSame(found: readonly Exchange[] = [], wanted: readonly Exchange[] = []): void {
  const differs = wanted.findIndex((exchange, index) => !isDeepStrictEqual(exchange, found[index]));
  const [one, other] = [found[differs], wanted[differs]];
  expect(one, `${String(other?.asked)}: ${String(differenceOf(one, other))}`).toEqual(other);
  expect(found.length).toBe(wanted.length);
}
