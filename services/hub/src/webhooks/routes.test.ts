import { createHmac } from 'node:crypto';
import fastify from 'fastify';
import { expect, test } from 'vitest';
import { webhookRoutes } from './routes.ts';
import { gitHosts } from './signature.ts';
import type { GitHost } from './signature.ts';

const secret = 'shared between the git host and us';
const push = { ref: 'refs/heads/main', after: 'a'.repeat(40) };
const bitbucketPush = { push: { changes: [{ new: { type: 'branch', name: 'main' } }] } };

async function receiver(options: { secret?: string | undefined } = { secret }) {
  const server = fastify();
  let refreshes = 0;
  await webhookRoutes(server, { secret: options.secret, branch: 'main', refresh: () => (refreshes += 1) });
  return { server, refreshes: () => refreshes };
}

function signed(host: GitHost, body: string, key = secret): Record<string, string> {
  const hex = createHmac('sha256', key).update(body).digest('hex');
  const all: Record<GitHost, Record<string, string>> = {
    github: { 'x-hub-signature-256': `sha256=${hex}` },
    gitlab: { 'x-gitlab-token': key },
    gitea: { 'x-gitea-signature': hex },
    bitbucket: { 'x-hub-signature': `sha256=${hex}` },
    generic: { 'x-meridian-signature': `sha256=${hex}` },
  };
  return { 'content-type': 'application/json', ...all[host] };
}

test.each(gitHosts)('a signed push of our branch from %s asks for a refresh', async (host) => {
  const { server, refreshes } = await receiver();
  const payload = JSON.stringify(host === 'bitbucket' ? bitbucketPush : push);
  const answer = await server.inject({
    method: 'POST',
    url: `/webhooks/${host}`,
    payload,
    headers: signed(host, payload),
  });
  expect([answer.statusCode, answer.json(), refreshes()]).toEqual([202, { accepted: true }, 1]);
});

test.each(gitHosts)(
  '%s: no signature, a wrong secret and a changed body are refused without a refresh',
  async (host) => {
    const { server, refreshes } = await receiver();
    const payload = JSON.stringify(push);
    const bare = { 'content-type': 'application/json' };
    const wrong = signed(host, payload, 'another');
    for (const headers of [bare, wrong]) {
      expect(
        (await server.inject({ method: 'POST', url: `/webhooks/${host}`, payload, headers })).statusCode,
      ).toBe(401);
    }
    if (host !== 'gitlab') {
      const answer = await server.inject({
        method: 'POST',
        url: `/webhooks/${host}`,
        payload: `${payload} `,
        headers: signed(host, payload),
      });
      expect(answer.statusCode).toBe(401);
    }
    expect(refreshes()).toBe(0);
  },
);

test('a push of another branch or of a tag is accepted and ignored', async () => {
  const { server, refreshes } = await receiver();
  for (const ref of ['refs/heads/feature', 'refs/tags/main']) {
    const payload = JSON.stringify({ ref });
    const answer = await server.inject({
      method: 'POST',
      url: '/webhooks/github',
      payload,
      headers: signed('github', payload),
    });
    expect([answer.statusCode, answer.json()]).toEqual([202, { accepted: false }]);
  }
  expect(refreshes()).toBe(0);
});

test.each(['not json', '[]', '"text"', 'null', '{"ref":7}', '{"push":{"changes":7}}', ''])(
  'a signed body %j that makes no sense never ends the process',
  async (payload) => {
    const { server, refreshes } = await receiver();
    for (const host of gitHosts) {
      const answer = await server.inject({
        method: 'POST',
        url: `/webhooks/${host}`,
        payload,
        headers: signed(host, payload),
      });
      expect([202, 400, 401]).toContain(answer.statusCode);
    }
    expect(refreshes()).toBe(0);
  },
);

test('a body over one megabyte is refused before it is read whole', async () => {
  const { server } = await receiver();
  const payload = 'x'.repeat(1024 * 1024 + 1);
  const answer = await server.inject({
    method: 'POST',
    url: '/webhooks/github',
    payload,
    headers: signed('github', payload),
  });
  expect(answer.statusCode).toBe(413);
});

test('an unknown host, and any host without a secret, is not found', async () => {
  const payload = JSON.stringify(push);
  const { server } = await receiver();
  expect(
    (
      await server.inject({
        method: 'POST',
        url: '/webhooks/sourceforge',
        payload,
        headers: signed('github', payload),
      })
    ).statusCode,
  ).toBe(404);
  const off = await receiver({ secret: undefined });
  expect(
    (
      await off.server.inject({
        method: 'POST',
        url: '/webhooks/github',
        payload,
        headers: signed('github', payload),
      })
    ).statusCode,
  ).toBe(404);
});
