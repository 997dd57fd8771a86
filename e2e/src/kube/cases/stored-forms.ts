import { at, bodyAt, isBody, itemsAt, set } from '../body.ts';
import type { Body } from '../body.ts';
import { objectPath, sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';

const partial = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io,application/json';
const partialList = 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io,application/json';
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';
const merge = { type: 'application/merge-patch+json' };
const apply = { type: 'application/apply-patch+yaml' };

/** Changes nothing, twice, which may still store anew what had been stored without its defaults. */
async function changeNothing(session: Session, path: string): Promise<void> {
  await session.ask('PATCH', path, {}, merge);
  await session.ask('PATCH', path, {}, merge);
  const read = await session.ask('GET', path);
  await session.ask('PUT', path, read.body);
}

const unchanged = (kind: string, title: string, change: (object: Record<string, unknown>) => void): ContractCase => ({
  title: `stored: ${kind} ${title}, updated without change`,
  async run(session) {
    const sample = sampleOf(kind);
    const object = sample.make(session.namespace);
    change(object);
    const made = await session.ask('POST', sample.path, object);
    await changeNothing(session, objectPath(sample, made.body));
  },
});

const same = (): undefined => undefined;

/** Clients send back what they read, and the first of several mistakes is told: the order of members is part of an answer. */
const inOrder = (kind: string): ContractCase => ({
  title: `stored: members of a ${kind}, in their order`,
  async run(session) {
    const sample = sampleOf(kind);
    const object = sample.make(session.namespace);
    set(object, 'metadata.labels', { b: '1', a: '2' });
    const turned = Object.fromEntries(Object.entries(object).reverse());
    const made = await session.prepare('POST', sample.path, turned);
    const path = objectPath(sample, made.body);
    const read = await session.attempt('PATCH', path, { metadata: { annotations: { note: 'x' } } }, merge);
    for (const { body, status } of [made, read]) {
      const told = membersOf(withManagersInOrder(body), '');
      session.exchanges.push({ asked: `members of ${path}`, status, headers: {}, body: told });
    }
  },
});

/** The order of managers depends on whether they wrote within a second. */
function withManagersInOrder(object: Body): Body {
  const ordered = itemsAt(object, 'metadata.managedFields')
    .map((entry) => [JSON.stringify([at(entry, 'manager'), at(entry, 'subresource')]), entry] as const)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, entry]) => entry);
  return { ...object, metadata: { ...bodyAt(object, 'metadata'), managedFields: ordered } };
}

function membersOf(value: unknown, path: string): string[] {
  if (!isBody(value)) return [];
  return Object.entries(value).flatMap(([name, member]) => [
    `${path}.${name}`,
    ...membersOf(member, `${path}.${name}`),
  ]);
}

/** What the server stores is not always what it shows: fields of its own types, and defaults that are filled in on reading. */
export const storedFormCases: readonly ContractCase[] = [
  {
    title: 'stored: metadata of daemon sets in lists and watches',
    async run(session) {
      const sample = sampleOf('DaemonSet');
      const { path } = sample;
      const made = sample.make(session.namespace);
      set(made, 'metadata.annotations', { own: 'x' });
      await session.prepare('POST', path, made);
      await session.ask('GET', path, undefined, { accept: partialList });
      await session.ask('GET', path, undefined, { accept: table });
      await session.ask('GET', `${path}?includeObject=Object`, undefined, { accept: table });
      const watching = await session.watch(`${path}?watch=true`, partial);
      await watching.expect(1);
    },
  },
  {
    title: 'stored: metadata of autoscalers in their first version',
    async run(session) {
      const sample = sampleOf('HorizontalPodAutoscaler');
      const { path } = sample;
      const made = sample.make(session.namespace);
      const target = { type: 'AverageValue', averageValue: '5' };
      set(made, 'spec.metrics', [{ type: 'Pods', pods: { metric: { name: 'queued' }, target } }]);
      await session.prepare('POST', path, made);
      const first = `${path.replace('/v2/', '/v1/')}/sample`;
      await session.ask('GET', first);
      await session.ask('GET', first, undefined, { accept: partial });
      await session.ask('GET', first, undefined, { accept: table });
    },
  },
  ...['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'Service', 'Pod', 'PersistentVolume', 'ConfigMap'].map(
    (kind) => unchanged(kind, 'as it is', same),
  ),
  unchanged('PersistentVolumeClaim', 'as it is', same),
  unchanged('Job', 'as it is', same),
  unchanged('Job', 'with labels', (job) => set(job, 'metadata.labels', { a: 'b' })),
  unchanged('Job', 'with labels of its pods', (job) => set(job, 'spec.template.metadata.labels', { a: 'b' })),
  unchanged('Job', 'with the same labels as its pods', (job) => {
    set(job, 'metadata.labels', { a: 'b' });
    set(job, 'spec.template.metadata.labels', { a: 'b' });
  }),
  ...['Deployment', 'StatefulSet', 'Pod', 'Service', 'Secret', 'CustomResourceDefinition'].map(inOrder),
  {
    title: 'stored: halves of characters, loose bits and names that need quotes',
    async run(session) {
      const map = (rest: string) => `{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"odd"},${rest}}`;
      const path = '/api/v1/namespaces/{ns}/configmaps';
      await session.ask('POST', `${path}?fieldValidation=Strict`, map(String.raw`"a\"b\u0001\\":1`));
      await session.ask('POST', path, map(String.raw`"data":{"a":"x\ud800y \ud83d\ude00"},"binaryData":{"b":"AB==","c":"AAB="}`));
      await session.ask('GET', `${path}/odd`);
    },
  },
  {
    title: 'stored: a job that is tried, made, labelled and applied without change',
    async run(session) {
      const sample = sampleOf('Job');
      const { path } = sample;
      const job = sample.make(session.namespace);
      await session.ask('PATCH', `${path}/sample?fieldManager=one`, job, apply);
      await session.ask('PATCH', `${path}/sample?fieldManager=one&dryRun=All`, job, apply);
      await session.ask('PATCH', `${path}/sample?fieldManager=one`, job, apply);
      await session.ask('PATCH', `${path}/sample?fieldManager=one`, job, apply);
      await session.ask('PATCH', `${path}/sample`, { metadata: { labels: { x: 'y' } } }, merge);
      await session.ask('PATCH', `${path}/sample`, {}, merge);
    },
  },
];
