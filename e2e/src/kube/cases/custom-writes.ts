import type { ContractCase, Session } from '../session.ts';
import { wide, wideGroup } from '../wide-definition.ts';
import { wideServed } from './custom-values.ts';

const apply = { type: 'application/apply-patch+yaml' };
const merge = { type: 'application/merge-patch+json' };
const operations = { type: 'application/json-patch+json' };
const strategic = { type: 'application/strategic-merge-patch+json' };
const metadataOnly = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json';
const metadataList = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

const bodies: readonly (readonly [title: string, body: unknown])[] = [
  ['of another kind', wide({}, { kind: 'Narrow' })],
  ['of another version', wide(undefined, { apiVersion: `${wideGroup}/v2` })],
  ['of a built-in kind', { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'sample' } }],
  ['without a kind', { apiVersion: `${wideGroup}/v1`, metadata: { name: 'sample' } }],
  ['without a version', { kind: 'Wide', metadata: { name: 'sample' } }],
  ['without metadata', { apiVersion: `${wideGroup}/v1`, kind: 'Wide' }],
  ['with metadata that is null', wide({}, { metadata: null })],
  ['with metadata that is text', wide({}, { metadata: 'x' })],
  ['with labels that are numbers', wide({}, { metadata: { name: 'sample', labels: { a: 1 } } })],
  ['with bad labels', wide({}, { metadata: { name: 'sample', labels: { 'a b': 'c' } } })],
  ['with a bad name', wide({}, { metadata: { name: 'Sample' } })],
  ['of another namespace', wide({}, { metadata: { name: 'sample', namespace: 'other' } })],
  ['with unknown metadata', wide({}, { metadata: { name: 'sample', bogus: 1, labels: { a: 'b' } } })],
  ['with loose finalizers', wide({}, { metadata: { name: 'sample', finalizers: ['bad', 'a.b', 'a/b'] } })],
  ['with a resource version', wide({}, { metadata: { name: 'sample', resourceVersion: '3' } })],
  ['with a status', wide({}, { status: { phase: 'Other', more: 1 } })],
  ['without a spec', wide(undefined)],
  ['with a spec that is null', { ...wide(undefined), spec: null }],
  ['with a spec that is text', { ...wide(undefined), spec: 'x' }],
  ['with unknown fields in many places', wide({ bogus: 1, parts: [{ name: 'a', odd: 1 }], free: { typed: { odd: 1 } } }, { odd: 2 })],
  ['with a field twice', `{"apiVersion":"${wideGroup}/v1","kind":"Wide","metadata":{"name":"sample"},"spec":{"size":2,"size":4}}`],
  ['that is a list', '[1]'],
  ['that is a number', '3'],
  ['that is no JSON', '{'],
];

const patches: readonly (readonly [title: string, patch: unknown, options: { readonly type: string }])[] = [
  ['merge', { spec: { size: 4, names: ['c'], amounts: { cpu: 3 }, free: { more: { b: 2 } } } }, merge],
  ['merge that removes', { spec: { size: null, free: { more: null }, amounts: null } }, merge],
  ['merge that makes it invalid', { spec: { size: 11 } }, merge],
  ['merge that breaks a rule', { spec: { all: 'abcd' } }, merge],
  ['merge that changes the kind', { kind: 'Narrow' }, merge],
  ['merge that changes the version', { apiVersion: 'other/v1' }, merge],
  ['merge that changes the name', { metadata: { name: 'other' } }, merge],
  ['merge with labels that are numbers', { metadata: { labels: { a: 1 } } }, merge],
  ['merge with unknown fields', { spec: { bogus: 1 } }, merge],
  ['merge of nothing', {}, merge],
  ['operations', [{ op: 'replace', path: '/spec/size', value: 6 }, { op: 'remove', path: '/spec/names' }], operations],
  ['operations that fail', [{ op: 'test', path: '/spec/size', value: 99 }], operations],
  ['strategic', { spec: { size: 4 } }, strategic],
];

const full = {
  size: 2,
  all: 'abc',
  names: ['a', 'b'],
  amounts: { cpu: 2 },
  free: { more: { a: 1 } },
  parts: [{ name: 'a', weight: 5 }],
};

/** Writes of objects of custom kinds. */
export const customWriteCases: readonly ContractCase[] = [
  ...bodies.map(([title, body]) => ({
    title: `custom object: ${title}`,
    async run(session: Session) {
      const path = await wideServed(session);
      await session.ask('POST', path, body);
      await session.ask('POST', `${path}?dryRun=All&fieldValidation=Strict`, body);
      await session.ask('POST', `${path}?dryRun=All&fieldValidation=Ignore`, body);
    },
  })),
  ...patches.map(([title, patch, options]) => ({
    title: `custom object: patched by ${title}`,
    async run(session: Session) {
      const path = await wideServed(session);
      await session.ask('POST', path, wide(full));
      await session.ask('PATCH', `${path}/sample?fieldValidation=Strict`, patch, options);
      await session.ask('PATCH', `${path}/sample`, patch, options);
      await session.ask('GET', `${path}/sample`);
    },
  })),
  {
    title: 'custom object: replaced with and without a revision, and when there is none',
    async run(session) {
      const path = await wideServed(session);
      const { body } = await session.ask('POST', path, wide(full));
      await session.ask('PUT', `${path}/sample`, wide({ size: 4 }));
      await session.ask('PUT', `${path}/none`, wide({ size: 4 }, { metadata: { name: 'none' } }));
      await session.ask('PUT', `${path}/sample`, { ...body, spec: { size: 4, all: 'abc' } });
      await session.ask('PUT', `${path}/sample`, body);
      await session.ask('PUT', `${path}/other`, body);
    },
  },
  {
    title: 'custom object: status that is wrong, defaulted, taken away',
    async run(session) {
      const path = await wideServed(session);
      await session.ask('POST', path, wide({ size: 2 }));
      for (const status of [{ phase: 'Other' }, { phase: 7 }, { size: -1 }, 7, { bogus: 1, size: 3 }, null]) {
        await session.ask('PATCH', `${path}/sample/status`, { status }, merge);
      }
      const labels = { metadata: { labels: { a: 'b' }, finalizers: ['a/b'] }, status: { size: 5 } };
      await session.ask('PATCH', `${path}/sample/status`, labels, merge);
      await session.ask('PATCH', `${path}/sample`, { status: { size: 7 } }, merge);
      await session.ask('PATCH', `${path}/sample/status?fieldManager=one`, wide({ size: 4 }, { status: { size: 8 } }), apply);
      await session.ask('GET', `${path}/sample/status`);
      await session.ask('POST', `${path}/sample/status`, wide({}));
    },
  },
  {
    title: 'custom object: scale by a path of its own',
    async run(session) {
      const path = await wideServed(session);
      const scale = `${path}/sample/scale`;
      await session.ask('POST', path, wide({ level: 'low' }));
      await session.ask('GET', scale);
      await session.ask('PATCH', scale, { metadata: { labels: { a: 'b' } } }, merge);
      await session.ask('PATCH', scale, { spec: { replicas: 40 } }, merge);
      await session.ask('PATCH', scale, { spec: { replicas: -2 } }, merge);
      await session.ask('PATCH', `${scale}?fieldManager=scaler`, { spec: { replicas: 4 } }, merge);
      await session.ask('PATCH', `${path}/sample?fieldManager=one`, wide({ size: 4 }), apply);
      await session.ask('PATCH', `${scale}?fieldManager=scaler`, { spec: { replicas: 6 } }, merge);
      await session.ask('PATCH', scale, { spec: { replicas: 6 } }, strategic);
      await session.ask('PATCH', scale, [{ op: 'replace', path: '/spec/replicas', value: 8 }], operations);
      await session.ask('GET', scale);
      await session.ask('PUT', scale, {
        kind: 'Scale',
        apiVersion: 'autoscaling/v1',
        metadata: { name: 'sample', namespace: session.namespace },
        spec: { replicas: 2 },
      });
      await session.ask('GET', `${path}/sample`);
      await session.ask('GET', `${path}/none/scale`);
    },
  },
  {
    title: 'custom object: selected by fields, in one namespace and in all',
    async run(session) {
      const path = await wideServed(session);
      await session.prepare('POST', path, wide({ level: 'low', size: 2 }));
      await session.prepare('POST', path, wide({ level: 'high' }, { metadata: { name: 'other', labels: { a: 'b' } } }));
      for (const selector of [
        'spec.level=low',
        'spec.level!=low',
        'spec.size=2',
        'spec.size=',
        'metadata.name=other',
        `metadata.namespace=${session.namespace}`,
        'spec.name=a',
        'status.phase=Ready',
      ]) {
        await session.ask('GET', `${path}?fieldSelector=${encodeURIComponent(selector)}`);
      }
      await session.ask('GET', `${path}?labelSelector=a`);
      await session.ask('GET', `${path}?limit=1`);
      const home = encodeURIComponent(`metadata.namespace=${session.namespace}`);
      await session.ask('GET', `/apis/${wideGroup}/v1/wides?fieldSelector=${home}`);
      await session.ask('GET', path, undefined, { accept: metadataList });
      await session.ask('GET', `${path}/sample`, undefined, { accept: metadataOnly });
      await session.ask('GET', path, undefined, { accept: table });
    },
  },
  {
    title: 'custom object: watched from its start to its end',
    async run(session) {
      const path = await wideServed(session);
      const { body } = await session.ask('GET', path);
      const { resourceVersion } = body['metadata'] as { resourceVersion: string };
      const watch = await session.watch(`${path}?watch=1&resourceVersion=${resourceVersion}`);
      await session.prepare('POST', path, wide({ size: 2 }));
      await session.prepare('PATCH', `${path}/sample`, { spec: { size: 4 } }, merge);
      await session.prepare('PATCH', `${path}/sample/status`, { status: { size: 3 } }, merge);
      await session.prepare('DELETE', `${path}/sample`);
      await watch.expect(4);
    },
  },
  {
    title: 'custom object: held by finalizers, named by the server, deleted in one go',
    async run(session) {
      const path = await wideServed(session);
      await session.ask('POST', path, wide({ size: 2 }, { metadata: { name: 'sample', finalizers: ['a/b'] } }));
      await session.ask('DELETE', `${path}/sample?dryRun=All`);
      await session.ask('DELETE', `${path}/sample`);
      await session.ask('DELETE', `${path}/sample`);
      await session.ask('PATCH', `${path}/sample`, { metadata: { finalizers: ['a/b', 'c/d'] } }, merge);
      await session.ask('PATCH', `${path}/sample`, { metadata: { finalizers: [] }, spec: { size: 4 } }, merge);
      await session.ask('GET', `${path}/sample`);
      await session.ask('POST', path, wide({ size: 2 }, { metadata: { generateName: 'wide-' } }));
      await session.ask('DELETE', path);
      await session.ask('GET', path);
    },
  },
  {
    title: 'custom object: applied with what its schema does not know, and with duplicates',
    async run(session) {
      const path = `${await wideServed(session)}/sample`;
      const one = `${path}?fieldManager=one`;
      await session.ask('PATCH', one, wide({ bogus: 1 }), apply);
      await session.ask('PATCH', one, wide({ size: 'x' }), apply);
      await session.ask('PATCH', one, wide({ names: ['a', 'a'] }), apply);
      await session.ask('PATCH', one, wide({ parts: [{ name: 'a' }, { name: 'a', port: 80 }] }), apply);
      await session.ask('PATCH', one, wide({ parts: [{ weight: 3 }] }), apply);
      await session.ask('PATCH', one, wide({ port: [1] }), apply);
      await session.ask('PATCH', one, wide({}, { kind: 'Narrow' }), apply);
      await session.ask('PATCH', `${path}?dryRun=All&fieldManager=one`, wide(full), apply);
      await session.ask('PATCH', one, wide(full), apply);
      await session.ask('PATCH', one, wide(full), apply);
      await session.ask('PATCH', one, wide({ parts: [{ name: 'b' }], free: { other: [1] } }), apply);
      await session.ask('PATCH', `${path}?fieldManager=two`, wide({ parts: [{ name: 'b', weight: 7 }] }), apply);
      await session.ask('PATCH', `${path}?fieldManager=two`, wide({ names: ['z'], free: { other: [2] } }), apply);
    },
  },
];
