import type { ApplicationStatus, CheckReport, FleetEvent, LimitsReport } from '@meridian/fleet';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  AttachRequest,
  applicationStatusFromWire,
  applicationStatusToWire,
  cutText,
  fleetEventFromWire,
  fleetEventToWire,
  helloFromWire,
  helloToWire,
  plainText,
  snapshotFromWire,
  snapshotToWire,
  wireLimits,
} from './index.ts';
import type { Hello, Snapshot } from './index.ts';

const label = fc.stringMatching(/^[a-z0-9]([-a-z0-9]{0,20}[a-z0-9])?$/);
const printable = (maxLength: number) =>
  fc.string({ maxLength, unit: fc.constantFrom(...'abc é漢 /:.[]"<&\\') });
const digest = fc.oneof(fc.constant(''), fc.stringMatching(/^sha256:[0-9a-f]{64}$/));
const timeMs = fc.nat({ max: Number.MAX_SAFE_INTEGER });
const health = fc.constantFrom('Healthy', 'Progressing', 'Degraded', 'Suspended', 'Missing', 'Unknown');
const key = fc.record({
  group: printable(20),
  kind: printable(20),
  namespace: printable(20),
  name: printable(20),
});
const drift = fc.record(
  {
    key,
    change: fc.constantFrom('modified', 'deleted'),
    manager: printable(40),
    fields: fc.array(fc.record({ path: printable(60), desired: printable(60), live: printable(60) }), {
      maxLength: 20,
    }),
    firstSeenMs: timeMs,
    healedAtMs: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
  },
  { requiredKeys: ['key', 'change', 'manager', 'fields', 'firstSeenMs'] },
);
const check: fc.Arbitrary<CheckReport> = fc
  .record({ id: label, observedAtMs: timeMs, message: printable(100) }, { noNullPrototype: true })
  .chain((report) =>
    fc.oneof(
      fc.constantFrom('pending', 'running', 'succeeded', 'failed').map((phase) => ({ ...report, phase })),
      fc
        .double({ noDefaultInfinity: true, noNaN: true })
        .map((value) => ({ ...report, phase: 'measured' as const, value })),
    ),
  );
const status: fc.Arbitrary<ApplicationStatus> = fc.record(
  {
    cluster: label,
    application: label,
    release: digest,
    revision: printable(40),
    bundle: digest,
    generation: timeMs,
    term: timeMs,
    incarnation: printable(30),
    sync: fc.constantFrom('Synced', 'OutOfSync', 'Applying', 'Failed'),
    health,
    message: printable(200),
    objects: fc.array(fc.record({ key, health, reason: printable(100) }), { maxLength: 5 }),
    drift: fc.array(drift, { maxLength: 4 }),
    appliedAtMs: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    refusedDeletions: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
    checks: fc.uniqueArray(check, { minLength: 1, maxLength: 16, selector: ({ id }) => id }),
    healthSinceMs: timeMs,
    observedAtMs: timeMs,
  },
  {
    noNullPrototype: true,
    requiredKeys: [
      'cluster',
      'application',
      'release',
      'revision',
      'bundle',
      'generation',
      'term',
      'incarnation',
      'sync',
      'health',
      'message',
      'objects',
      'drift',
      'healthSinceMs',
      'observedAtMs',
    ],
  },
);
const limits: fc.Arbitrary<LimitsReport> = fc.record(
  {
    stopped: fc.boolean(),
    rules: fc.array(printable(100), { maxLength: 20 }),
    problem: printable(100).filter((text) => text !== ''),
    freeze: fc.record(
      {
        author: printable(50),
        reason: printable(50),
        untilMs: fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER }),
      },
      { noNullPrototype: true, requiredKeys: ['author', 'reason'] },
    ),
  },
  { noNullPrototype: true, requiredKeys: ['stopped', 'rules'] },
);
const heartbeat = fc.record(
  { observedAtMs: timeMs, sourceConnected: fc.boolean(), sourceReadAtMs: timeMs, limits },
  { noNullPrototype: true, requiredKeys: ['observedAtMs', 'sourceConnected', 'sourceReadAtMs'] },
);

const plainStatus: ApplicationStatus = {
  cluster: 'us-west-2',
  application: 'inference-server',
  release: `sha256:${'a'.repeat(64)}`,
  revision: 'c0ffee',
  bundle: `sha256:${'b'.repeat(64)}`,
  generation: 3,
  term: 2,
  incarnation: 'one',
  sync: 'Synced',
  health: 'Healthy',
  message: '',
  objects: [],
  drift: [],
  healthSinceMs: 1,
  observedAtMs: 2,
};

function overTheWire(message: AttachRequest['message']): AttachRequest['message'] {
  return AttachRequest.decode(AttachRequest.encode({ sequence: 1n, traceparent: '', message }).finish())
    .message;
}

function throughWire(value: ApplicationStatus) {
  const message = overTheWire({ $case: 'application', value: applicationStatusToWire(value) });
  if (message?.$case !== 'application') throw new Error('lost on the wire');
  return applicationStatusFromWire(message.value);
}

describe('round trip', () => {
  it('gives back every application status', () => {
    fc.assert(fc.property(status, (value) => void expect(throughWire(value)).toEqual({ ok: true, value })));
  });

  it('gives back every snapshot', () => {
    const snapshot = fc.record({
      applications: fc.uniqueArray(status, { maxLength: 4, selector: (one) => one.application }),
      heartbeat,
    }) as fc.Arbitrary<Snapshot>;
    fc.assert(
      fc.property(snapshot, (value) => {
        const message = overTheWire({ $case: 'snapshot', value: snapshotToWire(value) });
        expect(message?.$case === 'snapshot' && snapshotFromWire(message.value)).toEqual({ ok: true, value });
      }),
    );
  });

  it('gives back every hello', () => {
    const hello = fc.record({
      cluster: label,
      session: printable(20).filter((text) => text !== ''),
      version: printable(20),
      startedAtMs: timeMs,
      clusterUid: printable(40),
      kubernetesVersion: printable(20),
    }) as fc.Arbitrary<Hello>;
    fc.assert(
      fc.property(
        hello,
        (value) => void expect(helloFromWire(helloToWire(value))).toEqual({ ok: true, value }),
      ),
    );
  });

  it('gives back every event', () => {
    const event = fc.record(
      {
        atMs: timeMs,
        level: fc.constantFrom('info', 'warning', 'error'),
        type: fc.constantFrom('drift.healed', 'release.made', 'rollout.stage.started'),
        application: label,
        cluster: label,
        revision: printable(10).filter((text) => text !== ''),
        message: printable(100),
      },
      { requiredKeys: ['atMs', 'level', 'type', 'message'] },
    ) as fc.Arbitrary<FleetEvent>;
    fc.assert(
      fc.property(
        event,
        (value) => void expect(fleetEventFromWire(fleetEventToWire(value))).toEqual({ ok: true, value }),
      ),
    );
  });
});

describe('refusals', () => {
  const wireStatus = () => applicationStatusToWire(plainStatus);
  const object = applicationStatusToWire({
    ...plainStatus,
    objects: [
      {
        key: { group: 'apps', kind: 'Deployment', namespace: 'a', name: 'b' },
        health: 'Healthy',
        reason: '',
      },
    ],
  }).objects[0]!;

  it.each([
    ['an unknown health', { health: 77 as never }, 'unknown_enum', 'health'],
    ['an unspecified sync state', { sync: 0 as never }, 'unknown_enum', 'sync'],
    ['a prototype name as enum', { health: 'constructor' as never }, 'unknown_enum', 'health'],
    ['a negative time', { observedAtMs: -1n }, 'out_of_range', 'observedAtMs'],
    ['a generation beyond 2^53', { generation: 2n ** 60n }, 'out_of_range', 'generation'],
    ['a cluster that is a NATS wildcard', { cluster: '*' }, 'bad_name', 'cluster'],
    ['an application with a dot', { application: 'a.b' }, 'bad_name', 'application'],
    ['an empty application', { application: '' }, 'bad_name', 'application'],
    ['a release that is no digest', { release: 'latest' }, 'bad_name', 'release'],
    ['a revision with a line break', { revision: 'a\nb' }, 'bad_name', 'revision'],
    ['an endless incarnation', { incarnation: 'x'.repeat(1_000) }, 'too_long', 'incarnation'],
    [
      'more than 5,000 objects',
      { objects: Array.from({ length: 5_001 }, () => object) },
      'too_many',
      'objects',
    ],
    ['an object without a key', { objects: [{ ...object, key: undefined }] }, 'missing', 'objects[0].key'],
    [
      'an object name with an ANSI escape',
      { objects: [object, { ...object, key: { ...object.key!, name: 'x\u001b[2J' } }] },
      'bad_name',
      'objects[1].key.name',
    ],
  ])('refuses %s and names the field', (_what, change, code, field) => {
    expect(applicationStatusFromWire({ ...wireStatus(), ...change })).toMatchObject({
      ok: false,
      refusal: { code, field },
    });
  });

  it('refuses a snapshot that names an application twice or lacks the heartbeat', () => {
    const good = snapshotToWire({
      applications: [plainStatus],
      heartbeat: { observedAtMs: 1, sourceConnected: true, sourceReadAtMs: 1 },
    });
    expect(snapshotFromWire({ ...good, applications: [wireStatus(), wireStatus()] })).toMatchObject({
      ok: false,
    });
    expect(snapshotFromWire({ ...good, heartbeat: undefined })).toMatchObject({
      ok: false,
      refusal: { code: 'missing', field: 'heartbeat' },
    });
  });

  it.each(['', 'x'.repeat(100), 'drift.healed\n', 'Drift', '..', 'a..b'])(
    'refuses the event type %j',
    (type) => {
      const event = fleetEventToWire({ atMs: 1, level: 'info', type: 'x', message: '' });
      expect(fleetEventFromWire({ ...event, type })).toMatchObject({ ok: false, refusal: { field: 'type' } });
    },
  );

  it('refuses a hello without a session', () => {
    const hello = {
      cluster: 'a',
      session: '',
      version: '',
      startedAtMs: 0n,
      clusterUid: '',
      kubernetesVersion: '',
    };
    expect(helloFromWire(hello)).toMatchObject({ ok: false, refusal: { code: 'missing', field: 'session' } });
  });

  it('never throws on whatever decodes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        let message: AttachRequest['message'];
        try {
          message = AttachRequest.decode(bytes).message;
        } catch {
          return; // not a message at all; grpc ends the stream
        }
        if (message?.$case === 'application') applicationStatusFromWire(message.value);
        if (message?.$case === 'snapshot') snapshotFromWire(message.value);
        if (message?.$case === 'hello') helloFromWire(message.value);
        if (message?.$case === 'event') fleetEventFromWire(message.value);
      }),
    );
  });
});

describe('reports of checks', () => {
  const reported = { id: 'error-rate', phase: 3 as never, value: 0.5, observedAtMs: 7n, message: '' };
  const read = (...checks: object[]) =>
    applicationStatusFromWire({ ...applicationStatusToWire(plainStatus), checks: checks as never });

  it.each([
    ['a measure that is not a number', { value: Number.NaN }, 'out_of_range', 'checks[0].value'],
    ['a measure without an end', { value: -Infinity }, 'out_of_range', 'checks[0].value'],
    ['a measure without a value', { value: undefined }, 'missing', 'checks[0].value'],
    ['an unknown phase', { phase: 99 }, 'unknown_enum', 'checks[0].phase'],
    ['an id that is no label', { id: 'a/../b' }, 'bad_name', 'checks[0].id'],
    ['a time before all times', { observedAtMs: -1n }, 'out_of_range', 'checks[0].observedAtMs'],
  ])('are refused with %s', (_what, change, code, field) => {
    expect(read({ ...reported, ...change })).toMatchObject({ ok: false, refusal: { code, field } });
  });

  it('are refused when there are more than an assignment can ask for, or one comes twice', () => {
    const many = Array.from({ length: 17 }, (_, index) => ({ ...reported, id: `c${index}` }));
    expect(read(...many)).toMatchObject({ refusal: { code: 'too_many', field: 'checks' } });
    expect(read(...many.slice(1))).toMatchObject({ ok: true });
    expect(read(reported, reported)).toMatchObject({ refusal: { code: 'bad_name', field: 'checks[1].id' } });
  });

  it('have no number unless they are measured, and a short message in one line', () => {
    const said = read({ ...reported, phase: 5, message: `\n${'m'.repeat(9_999)}` });
    expect(said.ok && said.value.checks?.[0]).not.toHaveProperty('value');
    expect(said.ok && said.value.checks?.[0]?.message).toHaveLength(500);
    expect(said.ok && said.value.checks?.[0]?.message).not.toContain('\n');
  });

  it('are sent so that they are not refused: what was measured as no number is pending', () => {
    const checks = Array.from({ length: 20 }, (_, index) => ({
      id: `c${index}`,
      phase: 'measured' as const,
      value: index === 0 ? Number.NaN : index,
      observedAtMs: 1,
      message: 'm'.repeat(600),
    }));
    const said = throughWire({ ...plainStatus, checks });
    expect(said.ok && said.value.checks).toHaveLength(16);
    expect(said.ok && said.value.checks?.slice(0, 2)).toMatchObject([
      { phase: 'pending' },
      { phase: 'measured', value: 1 },
    ]);
  });

  it('are absent from agents that do not know of checks', () => {
    expect(throughWire(plainStatus)).toEqual({ ok: true, value: plainStatus });
  });
});

describe('texts', () => {
  it('writes out escapes, line breaks and marks that reorder text, in messages, reasons and drift', () => {
    const nasty = 'a\u001b[31mb\nc\u202ed\u0000';
    const read = throughWire({
      ...plainStatus,
      message: nasty,
      drift: [
        {
          key: { group: '', kind: 'ConfigMap', namespace: 'a', name: 'b' },
          change: 'modified',
          manager: nasty,
          fields: [{ path: nasty, desired: nasty, live: nasty }],
          firstSeenMs: 1,
        },
      ],
    });
    const plain = 'a\\u001b[31mb\\u000ac\\u202ed\\u0000';
    expect(read.ok && [read.value.message, read.value.drift[0]]).toMatchObject([
      plain,
      { manager: plain, fields: [{ path: plain, desired: plain, live: plain }] },
    ]);
  });

  it('cuts long texts and never splits a character', () => {
    expect(plainText('x'.repeat(5_000), 1_000)).toHaveLength(1_000);
    expect(cutText('ab😀cd', 4)).toBe('ab…');
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), fc.integer({ min: 2, max: 20 }), (text, max) => {
        const cut = plainText(text, max);
        expect(cut.length).toBeLessThanOrEqual(max);
        expect(cut.isWellFormed()).toBe(true);
      }),
    );
  });
});

describe('what an honest agent sends', () => {
  it('has no limits when its agent is older than they are', () => {
    const sent = snapshotToWire({
      applications: [],
      heartbeat: { observedAtMs: 1, sourceConnected: true, sourceReadAtMs: 1 },
    });
    const message = overTheWire({ $case: 'snapshot', value: sent });
    const read = message?.$case === 'snapshot' && snapshotFromWire(message.value);
    expect(read && read.ok && read.value.heartbeat).not.toHaveProperty('limits');
  });

  it('has at most so many rules of its limits, each of one line', () => {
    const rules = Array.from({ length: 99 }, () => `${'r'.repeat(5_000)}\n`);
    const heartbeat = { observedAtMs: 1, sourceConnected: true, sourceReadAtMs: 1 };
    const sent = snapshotToWire({
      applications: [],
      heartbeat: { ...heartbeat, limits: { stopped: true, rules } },
    });
    const read = snapshotFromWire(sent);
    const told = read.ok ? (read.value.heartbeat.limits?.rules ?? []) : [];
    expect(told).toHaveLength(wireLimits.rules);
    expect(told[0]).toHaveLength(wireLimits.messageChars);
    const flood = { stopped: true, rules: rules, problem: '', freeze: undefined };
    expect(
      snapshotFromWire({
        ...sent,
        heartbeat: { observedAtMs: 1n, sourceConnected: true, sourceReadAtMs: 1n, limits: flood },
      }),
    ).toMatchObject({
      refusal: { code: 'too_many', field: 'heartbeat.limits.rules' },
    });
  });

  it('is cut to the limits, worst objects first, so that it is not refused', () => {
    const objects = Array.from({ length: wireLimits.objects + 10 }, (_, index) => ({
      key: { group: '', kind: 'Pod', namespace: 'a', name: `p${index}` },
      health: index === wireLimits.objects + 5 ? ('Degraded' as const) : ('Healthy' as const),
      reason: '',
    }));
    const read = throughWire({
      ...plainStatus,
      objects,
      generation: Number.NaN,
      observedAtMs: 1.7,
      message: 'm'.repeat(9_999),
    });
    expect(read.ok && read.value).toMatchObject({ generation: 0, observedAtMs: 1 });
    expect(read.ok && read.value.objects).toHaveLength(wireLimits.objects);
    expect(read.ok && read.value.objects[0]).toMatchObject({ health: 'Degraded', key: { name: 'p5005' } });
  });
});
