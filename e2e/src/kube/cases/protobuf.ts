import { definition, gadget, ownGroup, pathOf, served, smallDefinition } from '../custom-definition.ts';
import { clusterSamples, namespacedSamples, objectPath } from '../objects.ts';
import type { Sample } from '../objects.ts';
import { richObjects } from '../rich-objects.ts';
import { richWorkloads } from '../rich-workloads.ts';
import type { ContractCase } from '../session.ts';

const protobuf = 'application/vnd.kubernetes.protobuf';
const metadata = `${protobuf};as=PartialObjectMetadata;g=meta.k8s.io;v=v1`;
const metadataList = `${protobuf};as=PartialObjectMetadataList;g=meta.k8s.io;v=v1`;
const table = 'as=Table;g=meta.k8s.io;v=v1';
const maps = '/api/v1/namespaces/{ns}/configmaps';
const configMap = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a', labels: { b: 'c' } }, data: { x: 'y' } };

/** A case that writes an object and reads it again, told in protobuf what became of it. */
const shown = (title: string, sample: Sample): ContractCase => ({
  title: `protobuf: ${title} ${sample.kind}`,
  async run(session) {
    await session.prepare('POST', '/api/v1/namespaces/{ns}/serviceaccounts', { metadata: { name: 'default' } });
    const accept = protobuf;
    const object = sample.make(session.namespace);
    await session.ask('POST', sample.path, object, { accept });
    await session.ask('GET', objectPath(sample, object), undefined, { accept });
    await session.ask('DELETE', objectPath(sample, object), undefined, { accept });
  },
});

/** A case that asks for several things in a form. */
const asked = (title: string, accept: string, paths: readonly string[]): ContractCase => ({
  title: `protobuf: ${title}`,
  async run(session) {
    await session.prepare('POST', maps, configMap);
    for (const path of paths) await session.ask('GET', path, undefined, { accept });
  },
});

const everywhere = [
  `${maps}/a`,
  maps,
  `${maps}?limit=1`,
  `${maps}/none`,
  `${maps}?watch=1&timeoutSeconds=1`,
  `${maps}?watch=1&timeoutSeconds=1&sendInitialEvents=true&allowWatchBookmarks=true&resourceVersionMatch=NotOlderThan`,
  `${maps}?limit=x`,
  '/nothing',
  '/api',
  '/api/v1',
  '/apis/apps',
  '/apis/apps/v1',
  '/version',
  '/apis/apps/v1/namespaces/{ns}/deployments/none/scale',
];

/** Answers in the API's protobuf, compared field by field in the order in which they are written. */
export const protobufCases: readonly ContractCase[] = [
  ...[...namespacedSamples, ...clusterSamples].map((sample) => shown('a small', sample)),
  ...[...richObjects, ...richWorkloads].map((sample) => shown('a rich', sample)),
  asked('what is asked for', protobuf, everywhere),
  asked('what is asked for, or JSON', `${protobuf},application/json`, everywhere),
  asked('what is liked best', `application/json;q=0.5,${protobuf}`, [`${maps}/a`, `${maps}/none`]),
  asked('what is liked less', `${protobuf};q=0.5,application/json`, [`${maps}/a`, `${maps}/none`, '/api/v1']),
  asked('tables', `${protobuf};${table}`, [maps, `${maps}/none`, '/api/v1']),
  asked('tables, or those in JSON', `${protobuf};${table},application/json;${table}`, [`${maps}/none`, '/apis/apps/v1']),
  asked('metadata', metadata, everywhere),
  asked('metadata of lists', metadataList, [maps, `${maps}/a`, `${maps}/none`]),
  {
    title: 'protobuf: a scale, a patch, and a status',
    async run(session) {
      const deployments = '/apis/apps/v1/namespaces/{ns}/deployments';
      const sample = namespacedSamples.find(({ kind }) => kind === 'Deployment');
      await session.prepare('POST', deployments, sample?.make(session.namespace));
      const accept = protobuf;
      await session.ask('GET', `${deployments}/sample/scale`, undefined, { accept });
      await session.ask('PATCH', `${deployments}/sample`, { spec: { replicas: 7 } }, { accept, type: 'application/merge-patch+json' });
      await session.ask('PUT', `${deployments}/sample/status`, { metadata: { name: 'other' } }, { accept });
      await session.ask('GET', deployments, undefined, { accept });
      await session.ask('DELETE', deployments, undefined, { accept });
    },
  },
  {
    title: 'protobuf: a definition with many forms of schemas',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      await session.ask('POST', '/apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All', definition(ownGroup(session)), {
        accept: protobuf,
      });
      await served(session, made);
      const objects = pathOf(made);
      const object = gadget(made);
      await session.prepare('POST', objects, object);
      for (const accept of [protobuf, `${protobuf},application/json`, metadata, metadataList]) {
        await session.ask('GET', objects, undefined, { accept });
        await session.ask('GET', `${objects}/sample`, undefined, { accept });
        await session.ask('GET', `${objects}/none`, undefined, { accept });
      }
      await session.ask('GET', `${objects}?watch=1&timeoutSeconds=1`, undefined, { accept: metadata });
      await session.ask('GET', `${objects}?watch=1&timeoutSeconds=1`, undefined, { accept: protobuf });
    },
  },
];
