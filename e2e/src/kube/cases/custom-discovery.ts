import { at, bodyAt, itemsAt, set } from '../body.ts';
import type { Body } from '../body.ts';
import {
  definitionPath,
  definitions,
  discovered,
  gadget,
  note,
  ownGroup,
  pathOf,
  served,
  smallDefinition,
} from '../custom-definition.ts';
import type { ContractCase, Session } from '../session.ts';
import { until } from '../until.ts';

const merge = { type: 'application/merge-patch+json' };
const aggregated = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList';

/** A definition of everything that discovery and OpenAPI tell of. */
function wideDefinition(session: Session): Body {
  const made = smallDefinition(ownGroup(session));
  const root = 'spec.versions.0.schema.openAPIV3Schema';
  set(made, 'spec.names.shortNames', ['gad']);
  set(made, 'spec.names.categories', ['all', 'models']);
  set(made, `${root}.description`, 'A gadget.');
  set(made, `${root}.properties.status`, { type: 'object', properties: { replicas: { type: 'integer' } } });
  set(made, `${root}.properties.spec.properties`, {
    model: { type: 'string', nullable: true },
    replicas: { type: 'integer', minimum: 0, default: 1 },
    port: { 'x-kubernetes-int-or-string': true },
    amount: {
      'x-kubernetes-int-or-string': true,
      pattern: '^[0-9]',
      anyOf: [{ type: 'integer' }, { type: 'string' }],
    },
    free: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    inner: { type: 'object', 'x-kubernetes-embedded-resource': true, properties: { a: { type: 'string' } } },
    labels: { type: 'object', additionalProperties: { type: 'string', nullable: true } },
    steps: {
      type: 'array',
      items: { type: 'object', required: ['name'], properties: { name: { type: 'string' } } },
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['name'],
    },
  });
  set(made, `${root}.properties.spec.required`, ['model', 'replicas']);
  set(made, `${root}.properties.spec.oneOf`, [{ required: ['port'] }, { required: ['free'] }]);
  set(made, 'spec.versions.0.subresources', {
    status: {},
    scale: { specReplicasPath: '.spec.replicas', statusReplicasPath: '.status.replicas' },
  });
  set(made, 'spec.versions.0.selectableFields', [{ jsonPath: '.spec.replicas' }]);
  const older: Body = { ...bodyAt(made, 'spec.versions.0'), name: 'v1alpha1', storage: false };
  set(older, 'selectableFields', undefined);
  set(older, 'schema', { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } });
  set(made, 'spec.versions.1', older);
  set(made, 'spec.versions.2', { ...older, name: 'v2', served: false });
  return made;
}

/** Asks until an answer is of a status. */
async function asked(session: Session, path: string, accept?: string): Promise<Body> {
  let found: Body = {};
  const is200 = async () => {
    const answer = await session.attempt('GET', path, undefined, accept === undefined ? {} : { accept });
    found = answer.body;
    return answer.status === 200;
  };
  await until(is200, `${path} is not there`);
  return found;
}

/** Notes a group of two versions as a list of groups tells of it, once it tells of both: they come one after the other. */
async function inList(
  session: Session,
  list: readonly [path: string, accept?: string],
  own: (all: Body) => unknown[],
): Promise<void> {
  let found: unknown[] = [];
  const hasBoth = async () => {
    found = own(await asked(session, ...list));
    return itemsAt(found[0], 'versions').length === 2;
  };
  await until(hasBoth, `${list.join(' as ')} does not tell of both versions`);
  note(session, list.join(' as '), found);
}

/** Members of an object whose names hold a text. */
function membersWith(object: Body, text: string): Body {
  return Object.fromEntries(Object.entries(object).filter(([name]) => name.includes(text)));
}

/** How clients find custom kinds. */
export const customDiscoveryCases: readonly ContractCase[] = [
  {
    title: 'definition: in the lists of groups, of versions and of resources',
    async run(session) {
      const group = ownGroup(session);
      await served(session, wideDefinition(session));
      await discovered(session, group, 'v1', 3);
      await discovered(session, group, 'v1alpha1', 3);
      await session.ask('GET', `/apis/${group}`);
      await session.ask('GET', `/apis/${group}/v1`);
      await session.ask('GET', `/apis/${group}/v1/`);
      await session.ask('GET', `/apis/${group}/v1alpha1`);
      await session.ask('GET', `/apis/${group}/v2`);
      await inList(session, ['/apis'], (all) =>
        itemsAt(all, 'groups').filter((one) => at(one, 'name') === group),
      );
      await inList(session, ['/apis', aggregated], (all) =>
        itemsAt(all, 'items').filter((one) => at(one, 'metadata.name') === group),
      );
    },
  },
  {
    title: 'definition: in OpenAPI',
    async run(session) {
      const group = ownGroup(session);
      await served(session, wideDefinition(session));
      await asked(session, `/openapi/v3/apis/${group}/v1`);
      await session.ask('GET', `/openapi/v3/apis/${group}/v1`);
      await asked(session, `/openapi/v3/apis/${group}/v1alpha1`);
      await session.ask('GET', `/openapi/v3/apis/${group}/v1alpha1`);
      await session.ask('GET', `/openapi/v3/apis/${group}/v2`);
      let whole: Body = {};
      const models = () => membersWith(bodyAt(whole, 'definitions'), session.namespace);
      const isThere = async () => {
        whole = await asked(session, '/openapi/v2');
        return Object.keys(models()).length === 4;
      };
      await until(isThere, `${group} is not in /openapi/v2`);
      note(session, 'definitions of /openapi/v2', models());
      note(session, 'paths of /openapi/v2', membersWith(bodyAt(whole, 'paths'), group));
    },
  },
  {
    title: 'definition: of a kind that is outside of namespaces',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      set(made, 'spec.scope', 'Cluster');
      const path = await served(session, made);
      await session.ask('POST', path, gadget(made));
      await session.ask('POST', path, {
        ...gadget(made, 'other'),
        metadata: { name: 'other', namespace: 'default' },
      });
      await session.ask('GET', `${path}/sample`);
      await session.ask('GET', path.replace('gadgets', 'namespaces/{ns}/gadgets'));
      await discovered(session, ownGroup(session), 'v1', 1);
      await session.ask('GET', `/apis/${ownGroup(session)}/v1`);
      await session.ask('DELETE', `${path}/sample`);
    },
  },
  {
    title: 'definition: where its objects are not',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      const path = await served(session, made);
      const everywhere = path.replace('namespaces/{ns}/', '');
      await session.ask('GET', everywhere);
      await session.ask('POST', everywhere, gadget(made));
      await session.ask('GET', `${everywhere}/sample`);
      await session.ask('GET', `${path}/sample/status`);
      await session.ask('GET', `${path}/sample/other`);
      await session.ask('GET', path.replace('gadgets', 'gizmos'));
      await session.ask('GET', pathOf(made, 'v9'));
      await session.ask('POST', `${path}/sample`, gadget(made));
      await session.ask('PUT', path, gadget(made));
      await session.ask('POST', path, { ...gadget(made), kind: 'Gizmo' });
      await session.ask('POST', path, { ...gadget(made), apiVersion: 'v1' });
    },
  },
  {
    title: 'definition: without subresources, then with them',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      const path = await served(session, made);
      const status = { properties: { phase: { type: 'string' } }, type: 'object' };
      const versions = itemsAt(made, 'spec.versions').map((version) => structuredClone(version) as Body);
      set(versions[0] ?? {}, 'schema.openAPIV3Schema.properties.status', status);
      await session.prepare('PATCH', definitionPath(made), { spec: { versions } }, merge);
      const more = { status: { phase: 'mine' } };
      const keeps = async () =>
        bodyAt(
          (await session.attempt('POST', `${path}?dryRun=All`, gadget(made, 'try', more))).body,
          'status',
        )['phase'] === 'mine';
      await until(keeps, 'the status is not kept');
      await session.ask('POST', path, gadget(made, 'sample', more));
      await session.ask('PATCH', `${path}/sample/status`, { status: { phase: 'other' } }, merge);
      set(versions[0] ?? {}, 'subresources', { status: {} });
      await session.prepare('PATCH', definitionPath(made), { spec: { versions } }, merge);
      await until(
        async () => (await session.attempt('GET', `${path}/sample/status`)).status === 200,
        'the status is not served',
      );
      await session.ask('PATCH', `${path}/sample`, { status: { phase: 'no' } }, merge);
      await session.ask('PATCH', `${path}/sample/status`, { status: { phase: 'other' } }, merge);
      await discovered(session, ownGroup(session), 'v1', 2);
      await session.ask('GET', `/apis/${ownGroup(session)}/v1`);
    },
  },
  {
    title: 'definition: whose objects are selected by fields',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      set(made, 'spec.versions.0.selectableFields', [{ jsonPath: '.spec.model' }]);
      const path = await served(session, made);
      for (const model of ['small', 'large']) {
        await session.prepare('POST', path, gadget(made, model, { spec: { model } }));
      }
      await session.ask('GET', `${path}?fieldSelector=spec.model%3Dlarge`);
      await session.ask('GET', `${path}?fieldSelector=spec.model!%3Dlarge,metadata.name%3Dsmall`);
      await session.ask('GET', `${path}?fieldSelector=spec.other%3Dlarge`);
      await session.ask('GET', `${definitions}?fieldSelector=spec.model%3Dlarge`);
    },
  },
  {
    title: 'definition: with a conversion by a webhook whose certificates cannot be read',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      const clientConfig = { url: 'https://hooks.example.com/convert', caBundle: 'bm9uZQ==' };
      set(made, 'spec.conversion', {
        strategy: 'Webhook',
        webhook: { conversionReviewVersions: ['v1'], clientConfig },
      });
      await session.ask('POST', definitions, made);
      const reason = async () => {
        const { body } = await session.attempt('GET', definitionPath(made));
        return itemsAt(body, 'status.conditions').some((one) => at(one, 'reason') === 'InvalidCABundle');
      };
      await until(reason, 'nothing is said of the certificates');
      await session.ask('GET', definitionPath(made));
      await session.ask(
        'PATCH',
        definitionPath(made),
        { spec: { conversion: { strategy: 'None', webhook: null } } },
        merge,
      );
      await until(
        async () => (await session.attempt('GET', pathOf(made))).status === 200,
        'the kind is not served',
      );
      await session.ask('GET', definitionPath(made));
    },
  },
];
