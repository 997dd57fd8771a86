import { createHash } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ApplicationView, FleetEvent, RolloutView } from '@meridian/fleet';
import { FaultError, systemClock } from '@meridian/runtime';
import { Registry, createLogger } from '@meridian/telemetry';
import type { Logger } from '@meridian/telemetry';
import { afterAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { apiServer } from './api-server.ts';
import type { ApiPorts, PersonCommand } from './ports.ts';
import { fleetRoutes } from './routes.ts';
import { openTokenBook } from './tokens.ts';

const dir = mkdtempSync(join(tmpdir(), 'meridian-api-'));
afterAll(() => rmSync(dir, { recursive: true }));
const sha = (text: string) => createHash('sha256').update(text).digest('hex');
const release = `sha256:${'a'.repeat(64)}`;

const rollout = (application: string, number: number): RolloutView => ({
  id: `${application}-${number}`,
  application,
  release,
  revision: 'c0ffee',
  phase: 'completed',
  reason: 'every stage passed',
  startedAtMs: number,
  endedAtMs: 5,
  stages: [
    {
      name: 'all',
      phase: 'passed',
      clusters: [{ name: 'east', phase: 'healthy', generation: 1, message: '' }],
    },
  ],
});
const application: ApplicationView = {
  name: 'web',
  path: 'applications/web',
  rolloutStrategy: 'by-region',
  release,
  revision: 'c0ffee',
  sync: 'Synced',
  health: 'Healthy',
  frozen: [],
  warnings: [],
  approvalNeeded: null,
  placements: [
    {
      cluster: 'east',
      assigned: { release, revision: 'c0ffee', generation: 1, term: 1 },
      status: null,
      sync: 'Unknown',
      health: 'Unknown',
      message: 'the agent has not reported yet',
    },
  ],
  rollout: rollout('web', 2),
};
const events: FleetEvent[] = Array.from({ length: 1_500 }, (_, index) => ({
  atMs: index,
  level: 'info',
  type: 'drift.healed',
  application: index % 2 === 0 ? 'web' : 'db',
  cluster: 'east',
  message: `event ${index}`,
}));

function ports(more: Partial<ApiPorts> = {}): ApiPorts {
  return {
    audit: async () => [],
    enrol: async ({ cluster }) => ({ cluster, token: 'enrol_x', expiresAtMs: 5 }),
    reader: {
      fleet: () => ({
        hub: { id: 'hub-1', leader: 'hub-1', term: 1, version: '1' },
        source: {
          url: 'x',
          branch: 'main',
          revision: 'c0ffee',
          fetchedAtMs: 1,
          ageMs: 1,
          stale: false,
          message: '',
        },
        clusters: { total: 1, connected: 1, stale: 0 },
        applications: { total: 1, synced: 1, healthy: 1, frozen: 0, drifted: 0 },
        problems: [{ file: 'fleet/x.yaml', line: 3, message: 'broken', fix: 'mend it' }],
      }),
      clusters: () => [
        {
          name: 'east',
          labels: {},
          connected: false,
          status: null,
          applications: 1,
          synced: 0,
          healthy: 0,
          drifted: 0,
        },
      ],
      applications: () => [application],
      application: (name) => (name === 'web' ? application : undefined),
      rollouts: () => [rollout('web', 2), rollout('db', 1)],
      drift: () => [
        {
          key: { group: '', kind: 'ConfigMap', namespace: 'a', name: 'b' },
          change: 'modified',
          manager: 'kubectl',
          fields: [],
          firstSeenMs: 1,
          cluster: 'east',
          application: 'web',
        },
      ],
      onChange: () => undefined,
    },
    events: { recent: async (limit) => events.slice(0, limit), follow: async function* () {} },
    render: async ({ application: name, cluster }) => ({
      application: name,
      cluster,
      revision: 'c0ffee',
      digest: release,
      yaml: 'a: 1\n',
    }),
    explain: async ({ application: name, cluster, field = '.' }) => ({
      application: name,
      cluster,
      revision: 'c0ffee',
      object: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'ml', name: 'web' },
      fields: [
        {
          field,
          history: [
            { value: 1, source: { file: 'base/web.yaml', line: 6 } },
            {
              source: {
                file: 'over/kustomization.yaml',
                line: 3,
                field: 'patches[0]',
                by: 'PatchTransformer',
                written: { file: 'over/patch.yaml' },
              },
            },
          ],
        },
      ],
    }),
    command: async () => ({ approved: true }),
    refresh: () => undefined,
    doctor: async () => ({ checks: [{ name: 'nats', ok: true, message: 'NATS answers' }] }),
    ...more,
  };
}

async function open(more: Partial<ApiPorts> = {}, log?: Logger) {
  const file = join(dir, `tokens-${Math.random()}`);
  writeFileSync(file, `# people\nalice ${sha('alice-token')}\nbob ${sha('bob-token')}\n`);
  const lines: string[] = [];
  const logger =
    log ??
    createLogger({
      service: 'hub',
      instance: 'h',
      logLevel: 'debug',
      destination: { write: (line: string) => void lines.push(line) },
    });
  const server = await apiServer({
    address: '127.0.0.1:0',
    version: '1',
    ports: ports(more),
    tokens: openTokenBook(file, systemClock, logger),
    more: async () => undefined,
    ready: () => 'not yet',
    clock: systemClock,
    log: logger,
    registry: new Registry(),
  });
  const ask = (
    method: 'GET' | 'POST' | 'DELETE',
    url: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ) =>
    server.http.inject({
      method,
      url,
      headers: {
        authorization: 'Bearer alice-token',
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { payload: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return { ...server, ask, file, lines };
}

const concrete = (path: string) =>
  path
    .replace('{name}', 'web')
    .replace('{verb}', 'retry')
    .replace('{id}', 'web-2')
    .replace('{application}', 'web') +
  (path.endsWith('/render') ? '?cluster=east' : '') +
  (path.endsWith('/explain') ? '?cluster=east&object=deployment/web' : '');

describe('every route', () => {
  const routes = fleetRoutes(ports());

  it.each(
    routes.filter((route) => !route.stream).map((route) => [`${route.method} ${route.path}`, route] as const),
  )('%s answers in the shape that its schema promises', async (_name, route) => {
    const { ask } = await open({ command: async () => ({ reason: 'done' }) });
    const known = { release, reason: 'x', cluster: 'east', forMs: 60_000, scope: 'cluster', name: 'x' };
    const body = Object.fromEntries(
      Object.entries(known).filter(([field]) => Object.hasOwn(route.body?.shape ?? {}, field)),
    );
    const answer = await ask(route.method, concrete(route.path), route.body ? body : undefined);
    expect(answer.statusCode, answer.body).toBe(route.status);
    expect(route.answer.safeParse(answer.json()).error).toBeUndefined();
  });

  it.each(routes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s asks for a token and says how to send one',
    async (_name, route) => {
      const { http } = await open();
      for (const authorization of [
        '',
        'Bearer wrong',
        'Basic YWxpY2U6eA==',
        `Bearer ${sha('alice-token')}`,
        `Bearer ${'x'.repeat(5_000)}`,
      ]) {
        const answer = await http.inject({
          method: route.method,
          url: concrete(route.path),
          headers: { authorization },
        });
        expect(answer.statusCode).toBe(401);
        expect(answer.json()).toMatchObject({
          error: { code: 'denied', fix: expect.stringContaining('Authorization') },
        });
      }
    },
  );

  it('is in the OpenAPI document with its parameters, body and answer, and nothing else is', async () => {
    const { ask, http } = await open();
    expect((await http.inject('/openapi.json')).statusCode).toBe(401);
    const document = (await ask('GET', '/openapi.json')).json<{
      paths: Record<string, Record<string, Record<string, unknown>>>;
    }>();
    expect(document).toMatchObject({ openapi: '3.1.0', info: { version: '1' } });
    const described = Object.entries(document.paths).flatMap(([path, operations]) =>
      Object.keys(operations).map((method) => `${method.toUpperCase()} ${path}`),
    );
    expect(described.sort()).toEqual(routes.map(({ method, path }) => `${method} ${path}`).sort());
    const render = document.paths['/v1/applications/{name}/render']?.['get'];
    expect(render?.['parameters']).toMatchObject([
      { name: 'name', in: 'path', required: true },
      { name: 'cluster', in: 'query', required: true },
      { name: 'revision', in: 'query', required: false },
    ]);
    expect(document.paths['/v1/applications/{name}/approve']?.['post']?.['requestBody']).toMatchObject({
      required: true,
    });
    const ids = Object.values(document.paths).flatMap((operations) =>
      Object.values(operations).map((operation) => operation['operationId']),
    );
    expect(new Set(ids).size).toBe(routes.length);
  });

  it('that fastify serves under /v1 is one of the declared ones', async () => {
    const { http } = await open();
    const declared = new Set(routes.map(({ path }) => path.replaceAll(/\{(\w+)\}/g, ':$1')));
    await http.ready();
    for (const path of declared)
      expect(
        http.hasRoute({
          method: routes.find((route) => route.path.replaceAll(/\{(\w+)\}/g, ':$1') === path)!.method,
          url: path,
        }),
      ).toBe(true);
  });
});

describe('lists', () => {
  it('are filtered and bounded', async () => {
    const { ask } = await open();
    expect((await ask('GET', '/v1/events')).json()).toHaveLength(100);
    expect((await ask('GET', '/v1/events?limit=3&application=db')).json()).toMatchObject([
      { atMs: 1 },
      { atMs: 3 },
      { atMs: 5 },
    ]);
    expect((await ask('GET', '/v1/rollouts?application=db')).json()).toMatchObject([{ id: 'db-1' }]);
    expect((await ask('GET', '/v1/drift?cluster=west')).json()).toEqual([]);
  });

  it.each([
    '/v1/events?limit=1000000000',
    '/v1/events?limit=0',
    '/v1/events?limit=x',
    '/v1/events?application=a.b',
    '/v1/drift?cluster=*',
    '/v1/rollouts?limit=1001',
  ])('%s is refused with the parameter named', async (url) => {
    const { ask } = await open();
    const answer = await ask('GET', url);
    expect(answer.statusCode).toBe(400);
    expect(answer.json()).toMatchObject({
      error: { code: 'invalid', message: expect.stringMatching(/limit|application|cluster/) },
    });
  });
});

describe('pausing', () => {
  it('gives the leader who, where, for how long and why, and its answer back', async () => {
    const commands: PersonCommand[] = [];
    const command = async (asked: PersonCommand) => {
      commands.push(asked);
      return { reason: 'paused by bob' };
    };
    const { ask } = await open({ command });
    const bob = { authorization: 'Bearer bob-token' };
    const pause = { cluster: 'east', forMs: 60_000, reason: 'patch' };
    const answer = await ask('POST', '/v1/applications/web/pause', pause, bob);
    expect([answer.statusCode, answer.json()]).toEqual([200, { reason: 'paused by bob' }]);
    const resume = { cluster: 'east', reason: 'done' };
    expect((await ask('POST', '/v1/applications/web/resume', resume, bob)).statusCode).toBe(200);
    expect(commands).toEqual([
      { kind: 'pause', application: 'web', author: 'bob', ...pause },
      { kind: 'resume', application: 'web', author: 'bob', ...resume },
    ]);
  });

  it.each([{ forMs: 86_400_001 }, { forMs: 0 }, { reason: ' ' }, { cluster: 'a.>' }, { author: 'eve' }])(
    'is refused with %o',
    async (bad) => {
      const commands: PersonCommand[] = [];
      const { ask } = await open({ command: async (asked) => void commands.push(asked) });
      const body = { cluster: 'east', forMs: 60_000, reason: 'patch', ...bad };
      expect((await ask('POST', '/v1/applications/web/pause', body)).statusCode).toBe(400);
      expect(commands).toEqual([]);
    },
  );
});

describe('approving', () => {
  it('gives the leader who, what and why', async () => {
    const commands: PersonCommand[] = [];
    const { ask } = await open({ command: async (command) => void commands.push(command) });
    const answer = await ask(
      'POST',
      '/v1/applications/web/approve',
      { release, reason: ' planned ' },
      { authorization: 'Bearer bob-token' },
    );
    expect([answer.statusCode, answer.json()]).toEqual([200, { accepted: true }]);
    expect(commands).toEqual([
      { kind: 'approveDeletions', application: 'web', release, reason: 'planned', author: 'bob' },
    ]);
  });

  it('passes on the numbers of deletions that the person saw', async () => {
    const commands: PersonCommand[] = [];
    const { ask } = await open({ command: async (command) => void commands.push(command) });
    const seen = { release, reason: 'leftovers', deletions: { east: 3, west: 1 } };
    expect((await ask('POST', '/v1/applications/web/approve', seen)).statusCode).toBe(200);
    expect(commands).toMatchObject([{ kind: 'approveDeletions', deletions: { east: 3, west: 1 } }]);
    expect((await ask('POST', '/v1/applications/web/rollout/retry', seen)).statusCode).toBe(400);
    expect(commands).toHaveLength(1);
  });

  it.each([
    [
      new FaultError('conflict', 'web waits for no approval', { retry: 'never' }),
      409,
      'web waits for no approval',
    ],
    [
      new FaultError('not_found', 'there is no such release', { retry: 'never' }),
      404,
      'there is no such release',
    ],
    [new FaultError('unavailable', 'no hub leads now', { retry: 'later' }), 503, 'no hub leads now'],
    [new FaultError('timeout', 'the leader did not answer', { retry: 'later' }), 503, 'did not answer'],
  ])('passes on what the leader says: %s', async (fault, status, text) => {
    const { ask } = await open({ command: () => Promise.reject(fault) });
    const answer = await ask('POST', '/v1/applications/web/approve', { release, reason: 'x' });
    expect(answer.statusCode).toBe(status);
    expect(answer.json<{ error: { message: string } }>().error.message).toContain(text);
  });

  it.each([
    [{}, 400],
    [{ release: 'latest', reason: 'x' }, 400],
    [{ release, reason: '   ' }, 400],
    [{ release, reason: 'x', author: 'the boss' }, 400],
    [{ release, reason: 'x'.repeat(501) }, 400],
    [{ release, reason: 'x', deletions: { east: 0 } }, 400],
    [{ release, reason: 'x', deletions: { east: 1.5 } }, 400],
    [{ release, reason: 'x', deletions: { 'east.>': 1 } }, 400],
    [{ release, reason: 'x', deletions: 3 }, 400],
    ['{"release":', 400],
    ['[]', 400],
    [`{"__proto__":{"x":1},"release":"${release}","reason":"x"}`, 400],
    [{ release, reason: 'x'.repeat(70_000) }, 413],
  ])('refuses the body %j', async (body, status) => {
    let commands = 0;
    const { ask } = await open({ command: async () => void (commands += 1) });
    const answer = await ask('POST', '/v1/applications/web/approve', body);
    expect(answer.statusCode).toBe(status);
    expect(answer.json()).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
    expect(commands).toBe(0);
  });
});

describe('errors', () => {
  it.each([
    ['GET', '/v1/nothing', 404],
    ['GET', '/', 404],
    ['DELETE', '/v1/fleet', 404],
    ['GET', '/v1/applications/other', 404],
    ['GET', '/v1/applications/A..B', 400],
    ['GET', '/v1/applications/%2e%2e%2fx', 400],
    ['GET', `/v1/applications/${'a'.repeat(300)}`, 414],
    ['GET', '/v1/rollouts/web-9', 404],
    ['GET', '/v1/applications/web/render', 400],
    ['GET', '/v1/applications/web/render?cluster=east&revision=--upload-pack=x', 400],
    ['GET', '/v1/applications/web/explain?cluster=east', 400],
    ['GET', '/v1/applications/web/explain?cluster=east&object=pod/x&revision=main', 400],
    ['GET', `/v1/applications/web/explain?cluster=east&object=pod/x&field=${'.a'.repeat(600)}`, 400],
    ['GET', '/v1/applications/%E0%A4%A', 400],
  ] as const)('%s %s is %d with the body of an ApiError', async (method, url, status) => {
    const { ask } = await open();
    const answer = await ask(method, url);
    expect(answer.statusCode, answer.body).toBe(status);
    expect(answer.json()).toMatchObject({ error: { code: expect.any(String), message: expect.any(String) } });
  });

  it('say nothing of our inside when we made the mistake; the log does', async () => {
    const { ask, lines } = await open({
      doctor: () => Promise.reject(new TypeError('secret detail in /srv/code.ts')),
    });
    const answer = await ask('GET', '/v1/doctor');
    expect(answer.statusCode).toBe(500);
    expect(answer.body).not.toMatch(/secret detail|code\.ts|at /);
    expect(lines.join('')).toContain('secret detail');
  });

  it('mask secrets in what a fault says', async () => {
    const fault = new FaultError('unavailable', 'cannot fetch https://user:canary@git.example/x', {
      retry: 'later',
    });
    const { ask } = await open({ render: () => Promise.reject(fault) });
    const answer = await ask('GET', '/v1/applications/web/render?cluster=east');
    expect(answer.statusCode).toBe(503);
    expect(answer.body).not.toContain('canary');
  });
});

describe('the log', () => {
  it('has a line per request and no token in it', async () => {
    const { ask, lines } = await open();
    await ask('GET', '/v1/fleet?token=query-canary');
    await ask('GET', '/v1/fleet', undefined, { authorization: 'Bearer wrong-canary' });
    expect(lines.filter((line) => line.includes('answered'))).toHaveLength(2);
    expect(lines.join('')).not.toMatch(/canary|alice-token/);
  });
});

describe('probes', () => {
  it('need no token', async () => {
    const { http } = await open();
    expect((await http.inject('/healthz')).statusCode).toBe(200);
    const ready = await http.inject('/readyz');
    expect([ready.statusCode, ready.body]).toEqual([503, 'not yet\n']);
  });
});

it('schemas of answers have no defaults, so that they describe what is sent', () => {
  for (const { answer } of fleetRoutes(ports()))
    expect(JSON.stringify(z.toJSONSchema(answer))).not.toContain('"default"');
});
