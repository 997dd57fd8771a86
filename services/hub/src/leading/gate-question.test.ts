import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { WebhookQuestion } from '@meridian/rollout';
import { expect, test } from 'vitest';
import { askWebhook } from './gate-question.ts';

/** What a gate hears when its server answers like this. */
async function heard(answer: (response: ServerResponse) => void, more: { readonly url?: string } = {}) {
  const server = createServer((request, response) => {
    request.resume();
    request.on('end', () => answer(response));
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  try {
    const said = await askWebhook(
      question(more.url ?? `${origin}/ask`),
      { origins: [origin, 'http://127.0.0.1:65533'], secret: undefined },
      { nowMs: 0, signal: AbortSignal.timeout(20_000) },
    );
    return `${said.verdict} ${said.message.replace(/127\.0\.0\.1:\d+/, 'HOST')}`;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const question = (url: string): WebhookQuestion => ({
  application: 'web',
  gate: { kind: 'webhook', name: 'change', url, intervalMs: 30_000 },
  attempt: 1,
  stage: 'canary',
  side: 'before',
  waitsSinceMs: 0,
  clusters: ['west'],
  target: {
    number: 3,
    release: { application: 'web', digest: 'sha256:aa', revision: 'c0ffee', bundles: {} },
    policy: { namespace: 'ml', prune: true, selfHeal: true, createNamespace: true, deletionBudget: 0 },
    strategy: { name: 'gated', stages: [], progressDeadlineMs: 1, failureBudget: 0 },
    withdrawals: [],
    removals: {},
    dropped: {},
    startedAtMs: 0,
  },
});
const json = (value: unknown) => (response: ServerResponse) =>
  response.writeHead(200).end(JSON.stringify(value));

test('a clear word is taken, in one line and not longer than people read', async () => {
  expect(await heard(json({ verdict: 'pass', message: 'calendar\n is  free' }))).toBe(
    'pass HOST says pass: calendar is free',
  );
  expect(await heard(json({ verdict: 'wait', message: 'it is \u001b[2J\u202eone line' }))).toBe(
    'wait HOST says wait: it is [2J one line',
  );
  expect(await heard(json({ verdict: 'fail' }))).toBe('fail HOST says fail');
  expect(await heard(json({ verdict: 'wait', message: 'x'.repeat(10_000) }))).toHaveLength(
    'wait HOST says wait: '.length + 300,
  );
});

test.each([
  [
    'another status',
    (response: ServerResponse) => response.writeHead(503).end('{"verdict":"pass"}'),
    'wait HOST answers with status 503, not 200',
  ],
  [
    'a redirect, which is not followed',
    (response: ServerResponse) => response.writeHead(302, { location: 'http://169.254.169.254/' }).end(),
    'wait HOST answers with status 302, not 200',
  ],
  [
    'no JSON',
    (response: ServerResponse) => response.writeHead(200).end('<html>'),
    'wait HOST gave no answer: the answer is not JSON',
  ],
  [
    'another word',
    json({ verdict: 'yes' }),
    'wait HOST gave no answer: the answer needs verdict: pass, fail or wait',
  ],
  [
    'too much',
    json({ verdict: 'pass', message: 'x'.repeat(70_000) }),
    'wait HOST gave no answer: the answer is longer than 65536 bytes',
  ],
])('%s is no answer, and the gate waits', async (_, answer, said) => {
  expect(await heard(answer)).toBe(said);
});

test('a server that is not there, and a URL that is none or leads elsewhere, let the gate wait', async () => {
  const unused = () => undefined;
  expect(await heard(unused, { url: 'http://127.0.0.1:65533/ask' })).toMatch(
    /^wait HOST gave no answer: .*ECONNREFUSED/,
  );
  expect(await heard(unused, { url: 'https://[/' })).toBe('wait its url is none');
  expect(await heard(unused, { url: 'http://metadata.internal/' })).toBe(
    'wait this hub may not ask http://metadata.internal; see MERIDIAN_GATE_ORIGINS',
  );
});
