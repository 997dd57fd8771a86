import { bodyAt, set } from '../body.ts';
import type { Body } from '../body.ts';
import { definition, established, ownGroup, sharedGroup } from '../custom-definition.ts';
import type { ContractCase, Session } from '../session.ts';

const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const apply = { type: 'application/apply-patch+yaml' };
const merge = { type: 'application/merge-patch+json' };

const server = (spec: object = {}, more: object = {}): Body => ({
  apiVersion: `${sharedGroup}/v1`,
  kind: 'ModelServer',
  metadata: { name: 'sample' },
  spec: { model: 'llama', ...spec },
  ...more,
});

const specs: readonly (readonly [title: string, spec: object | undefined])[] = [
  ['defaults', {}],
  [
    'everything',
    { tags: ['a', 'b'], stages: [{ name: 'x' }], port: 'http', free: { deep: [1] }, limits: { a: 'b' } },
  ],
  ['no model', { model: undefined }],
  ['a short model', { model: 'x' }],
  ['a long model', { model: 'x'.repeat(21) }],
  ['a bad model', { model: 'Llama 3' }],
  ['a model that is a number', { model: 7 }],
  ['too many replicas', { replicas: 101 }],
  ['negative replicas', { replicas: -1 }],
  ['replicas with a fraction', { replicas: 1.5 }],
  ['replicas as text', { replicas: '3' }],
  ['replicas null', { replicas: null }],
  ['an unknown precision', { precision: 'fp64' }],
  ['a ratio of zero', { ratio: 0 }],
  ['tags twice', { tags: ['a', 'a'] }],
  ['too many tags', { tags: ['a', 'b', 'c', 'd'] }],
  ['stages of one name', { stages: [{ name: 'x' }, { name: 'x' }] }],
  ['a stage without a name', { stages: [{ weight: 3 }] }],
  ['a port that is a list', { port: [80] }],
  ['limits that are numbers', { limits: { a: 1 } }],
  ['a note that is null', { note: null }],
  ['a window that is no time', { window: 'tomorrow' }],
  ['unknown fields', { bogus: 1, free: { kept: true }, atomic: { c: 'dropped' } }],
  ['minimum above maximum', { minimum: 5, maximum: 2 }],
];
/** Objects of custom kinds. */
export const customObjectCases: readonly ContractCase[] = [
  ...specs.map(([title, spec]) => ({
    title: `custom object: ${title}`,
    async run(session: Session) {
      const path = await established(session);
      await session.ask('POST', path, server(spec));
      await session.ask('POST', `${path}?fieldValidation=Strict&dryRun=All`, server(spec, { more: true }));
    },
  })),
  {
    title: 'custom object: its life with status, scale, table and generation',
    async run(session) {
      const path = await established(session);
      await session.ask('POST', path, server({}, { status: { phase: 'set by a client' } }));
      await session.ask('GET', `${path}/sample`, undefined, { accept: table });
      await session.ask('PATCH', `${path}/sample`, { spec: { replicas: 3 }, status: { phase: 'no' } }, merge);
      await session.ask(
        'PATCH',
        `${path}/sample/status`,
        { spec: { replicas: 9 }, status: { phase: 'Ready' } },
        merge,
      );
      await session.ask('PATCH', `${path}/sample/status`, { status: { phase: 7 } }, merge);
      await session.ask('GET', `${path}/sample/scale`);
      await session.ask('PATCH', `${path}/sample/scale`, { spec: { replicas: 5 } }, merge);
      await session.ask('PATCH', `${path}/sample`, { spec: { model: 'other' } }, merge);
      await session.ask('PATCH', `${path}/sample`, {}, { type: 'application/strategic-merge-patch+json' });
      await session.ask('GET', path);
      await session.ask('DELETE', `${path}/sample`);
    },
  },
  {
    title: 'custom object: applied by two managers, lists by key and as sets',
    async run(session) {
      const path = `${await established(session)}/sample`;
      const first = {
        tags: ['a'],
        stages: [{ name: 'x', weight: 1 }],
        atomic: { a: '1' },
        free: { mine: [1] },
      };
      const second = {
        tags: ['b'],
        stages: [{ name: 'y' }],
        atomic: { b: '2' },
        free: { mine: [2], other: 1 },
      };
      await session.ask('PATCH', `${path}?fieldManager=one`, server(first), apply);
      await session.ask('PATCH', `${path}?fieldManager=two`, server(second), apply);
      await session.ask('PATCH', `${path}?fieldManager=two&force=true`, server(second), apply);
      await session.ask('PATCH', `${path}?fieldManager=one`, server({ stages: [{ name: 'z' }] }), apply);
      await session.ask('GET', path);
    },
  },
  {
    title: 'custom object: two versions of one definition',
    async run(session) {
      const made = definition(ownGroup(session));
      const older = {
        ...bodyAt(made, 'spec.versions.0'),
        name: 'v1beta1',
        storage: false,
        deprecated: true,
      };
      set(made, 'spec.versions.1', older);
      const path = await established(session, made);
      const object = { ...server(), apiVersion: `${ownGroup(session)}/v1` };
      await session.ask('POST', path, object);
      await session.ask('GET', `${path.replace('/v1/', '/v1beta1/')}/sample`);
      await session.ask(
        'PATCH',
        `${path.replace('/v1/', '/v1beta1/')}/sample`,
        { spec: { replicas: 2 } },
        merge,
      );
      await session.ask('GET', `${path}/sample`);
      await session.ask('GET', `/apis/${session.namespace}.example.com`);
    },
  },
];
