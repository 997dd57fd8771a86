import { isDeepStrictEqual } from 'node:util';
import { at, bodyAt, itemsAt, set, textAt } from '../body.ts';
import type { Body } from '../body.ts';
import {
  definitionPath,
  definitions,
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
const table = 'application/json;as=Table;v=v1;g=meta.k8s.io,application/json';

/** Waits until a condition of a definition has a reason. */
async function reasonOf(session: Session, path: string, type: string, reason: string): Promise<void> {
  const has = async () => {
    const { body } = await session.attempt('GET', path);
    return itemsAt(body, 'status.conditions').some(
      (one) => at(one, 'type') === type && at(one, 'reason') === reason,
    );
  };
  await until(has, `${path} is not ${type}: ${reason}`);
}

const gone = (session: Session, path: string) =>
  until(async () => (await session.attempt('GET', path)).status === 404, `${path} is still there`);

const answers = (session: Session, path: string, status: number) =>
  until(
    async () => (await session.attempt('GET', path)).status === status,
    `${path} does not answer ${String(status)}`,
  );

/** The small definition with a second version, which objects are not stored in. */
function withOlder(session: Session, more: object = {}): Body {
  const made = smallDefinition(ownGroup(session));
  const older = { ...bodyAt(made, 'spec.versions.0'), name: 'v1beta1', storage: false, ...more };
  set(made, 'spec.versions.1', older);
  return made;
}

/** Another definition in the same group. */
function rival(session: Session, names: object): Body {
  const made = smallDefinition(ownGroup(session));
  set(made, 'metadata.name', `rivals.${ownGroup(session)}`);
  set(made, 'spec.names', { plural: 'rivals', kind: 'Rival', ...names });
  return made;
}

const conflicts: Readonly<Record<string, object>> = {
  'the kind': { kind: 'Gadget' },
  'the list kind': { listKind: 'GadgetList' },
  'a short name': { shortNames: ['gad', 'riv'] },
  'two short names': { shortNames: ['gad', 'gadget'] },
  'the singular': { singular: 'gad' },
};

const updates: Readonly<Record<string, object>> = {
  'of its kind': { spec: { names: { kind: 'Widget' } } },
  'of its plural': { spec: { names: { plural: 'widgets' } } },
  'of its scope': { spec: { scope: 'Cluster' } },
  'of its group': { spec: { group: 'other.example.com' } },
  'of its short names and categories': { spec: { names: { shortNames: ['g2'], categories: ['all'] } } },
  'of its singular and list kind': { spec: { names: { singular: 'gizmo', listKind: 'Gizmos' } } },
  'of nothing': { spec: { scope: 'Namespaced' } },
  'of a label': { metadata: { labels: { a: 'b' } } },
  'of its status': { status: { storedVersions: ['v0'] } },
  'of its finalizers': { metadata: { finalizers: ['plain', 'example.com/one'] } },
  'of its stored version': {
    spec: {
      versions: [
        { name: 'v2', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } },
      ],
    },
  },
};

function hasItsNames(made: Body): boolean {
  return isDeepStrictEqual(at(made, 'spec.names'), at(made, 'status.acceptedNames'));
}

/** What becomes of definitions: their names, their changes, their end. */
export const definitionLifecycleCases: readonly ContractCase[] = [
  ...Object.entries(conflicts).map(([title, names]) => ({
    title: `definition: that wants ${title} of another, which then goes`,
    async run(session: Session) {
      const first = smallDefinition(ownGroup(session));
      set(first, 'spec.names.shortNames', ['gad']);
      await served(session, first);
      const second = rival(session, names);
      await session.ask('POST', definitions, second);
      const path = definitionPath(second);
      await until(
        async () => itemsAt((await session.attempt('GET', path)).body, 'status.conditions').length > 0,
        `${path} has no conditions`,
      );
      await session.ask('GET', path);
      await session.ask('GET', pathOf(second));
      await session.prepare('DELETE', definitionPath(first));
      await answers(session, pathOf(second), 200);
      await reasonOf(session, path, 'NamesAccepted', 'NoConflicts');
      await session.ask('GET', path);
    },
  })),
  ...Object.entries(updates).map(([title, patch]) => ({
    title: `definition: a change ${title}`,
    async run(session: Session) {
      const made = smallDefinition(ownGroup(session));
      await served(session, made);
      const path = definitionPath(made);
      await session.ask('PATCH', path, patch, merge);
      await until(
        async () => hasItsNames((await session.attempt('GET', path)).body),
        'the names are not accepted',
      );
      await session.ask('PATCH', `${path}/status`, patch, merge);
    },
  })),
  {
    title: 'definition: put without a revision, and with one',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      await served(session, made);
      const path = definitionPath(made);
      await session.ask('PUT', path, made);
      const { body } = await session.attempt('GET', path);
      set(body, 'spec.versions.0.additionalPrinterColumns', [
        { name: 'Model', type: 'string', jsonPath: '.spec.model' },
      ]);
      await session.ask('PUT', path, body);
      await session.ask('PUT', `${definitions}/others.example.com`, body);
      await session.ask('PUT', `${definitions}/others.example.com`, rival(session, {}));
    },
  },
  {
    title: 'definition: another storage version, then the old one goes too early',
    async run(session) {
      const made = withOlder(session);
      await served(session, made);
      const path = definitionPath(made);
      const [now, older] = itemsAt(made, 'spec.versions');
      const swapped = [
        { ...Object(now), storage: false },
        { ...Object(older), storage: true },
      ];
      await session.ask('PATCH', path, { spec: { versions: swapped } }, merge);
      await session.ask('PATCH', path, { spec: { versions: swapped.slice(1) } }, merge);
      await session.ask('PATCH', `${path}/status`, { status: { storedVersions: ['v1beta1'] } }, merge);
      await session.ask('PATCH', path, { spec: { versions: swapped.slice(1) } }, merge);
    },
  },
  {
    title: 'definition: a version is served no more',
    async run(session) {
      const made = withOlder(session);
      const path = await served(session, made);
      await session.ask('POST', path, gadget(made));
      await session.ask('GET', `${pathOf(made, 'v1beta1')}/sample`);
      const [now, older] = itemsAt(made, 'spec.versions');
      const versions = [now, { ...Object(older), served: false }];
      await session.prepare('PATCH', definitionPath(made), { spec: { versions } }, merge);
      await answers(session, `/apis/${ownGroup(session)}/v1beta1`, 404);
      const group = async () => (await session.attempt('GET', `/apis/${ownGroup(session)}`)).body;
      await until(async () => itemsAt(await group(), 'versions').length === 1, 'the group has both versions');
      await session.ask('GET', `${pathOf(made, 'v1beta1')}/sample`);
      await session.ask('GET', `/apis/${ownGroup(session)}/v1beta1`);
      await session.ask('GET', `/apis/${ownGroup(session)}`);
      await session.ask('GET', `${path}/sample`);
    },
  },
  ...[undefined, 'move on'].map((warning) => ({
    title: `definition: a version is deprecated, ${warning === undefined ? 'in the usual words' : 'in its own words'}`,
    async run(session: Session) {
      const said = warning === undefined ? {} : { deprecationWarning: warning };
      const made = withOlder(session, { deprecated: true, ...said });
      const path = await served(session, made);
      const older = pathOf(made, 'v1beta1');
      await session.ask('POST', older, { ...gadget(made), apiVersion: `${ownGroup(session)}/v1beta1` });
      await session.ask('GET', older);
      await session.ask('GET', `${older}/none`);
      await session.ask('GET', `${path}/sample`);
    },
  })),
  {
    title: 'definition: deleted with its objects, one of which waits',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      const path = await served(session, made);
      await session.prepare('POST', path, gadget(made, 'first'));
      const waiting = gadget(made, 'waiting');
      set(waiting, 'metadata.finalizers', ['example.com/wait']);
      await session.prepare('POST', path, waiting);
      await session.ask('DELETE', `${definitionPath(made)}?dryRun=All`);
      await session.ask('DELETE', definitionPath(made));
      await gone(session, `${path}/first`);
      await reasonOf(session, definitionPath(made), 'Terminating', 'InstanceDeletionInProgress');
      await session.ask('GET', definitionPath(made));
      await session.ask('POST', path, gadget(made, 'late'));
      await session.ask('GET', `${path}/waiting`);
      await session.ask('DELETE', definitionPath(made));
      await session.ask('POST', definitions, made);
      await session.ask('PATCH', `${path}/waiting`, { metadata: { finalizers: null } }, merge);
      await gone(session, definitionPath(made));
      await answers(session, path, 404);
      await session.ask('GET', path);
    },
  },
  {
    title: 'definition: deleted only when it is the one that is meant',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      await served(session, made);
      const options = { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'other' } };
      await session.ask('DELETE', definitionPath(made), options);
      await session.ask('DELETE', `${definitionPath(made)}?propagationPolicy=Foreground`);
    },
  },
  {
    title: 'definition: deleted while it is watched, then made again',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      const path = await served(session, made);
      const watch = await session.watch(`${path}?watch=true`);
      await session.prepare('POST', path, gadget(made));
      await session.prepare('DELETE', definitionPath(made));
      await watch.expect(2);
      await gone(session, definitionPath(made));
      await answers(session, path, 404);
      await served(session, made);
      await session.ask('GET', path);
    },
  },
  {
    title: 'definition: in a group of Kubernetes, approved and not',
    async run(session) {
      for (const [name, approval] of [
        ['gadgets', 'https://github.com/kubernetes/enhancements/pull/1'],
        ['widgets', 'unapproved, a test'],
      ] as const) {
        const made = smallDefinition(`${session.namespace}.k8s.io`);
        set(made, 'metadata.name', `${name}.${session.namespace}.k8s.io`);
        set(made, 'metadata.annotations', { 'api-approved.kubernetes.io': approval });
        set(made, 'spec.names', { plural: name, kind: name === 'gadgets' ? 'Gadget' : 'Widget' });
        await served(session, made);
        const type = 'KubernetesAPIApprovalPolicyConformant';
        const path = definitionPath(made);
        const reason = name === 'gadgets' ? 'ApprovedAnnotation' : 'UnapprovedAnnotation';
        await reasonOf(session, path, type, reason);
        const { body } = await session.attempt('GET', path);
        const conditions = itemsAt(body, 'status.conditions').filter((one) => at(one, 'type') === type);
        note(
          session,
          path,
          conditions.map((one) => ({ ...(one as Body), lastTransitionTime: '' })),
        );
        await session.ask(
          'PATCH',
          path,
          { metadata: { annotations: { 'api-approved.kubernetes.io': 'no' } } },
          merge,
        );
        await session.prepare('DELETE', path);
      }
    },
  },
  {
    title: 'definition: read as a table and as metadata',
    async run(session) {
      const made = smallDefinition(ownGroup(session));
      await served(session, made);
      const one = `${definitions}?fieldSelector=metadata.name%3D${textAt(made, 'metadata.name')}`;
      await session.ask('GET', one, undefined, { accept: table });
      await session.ask('GET', one, undefined, {
        accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
      });
      await session.ask('GET', `${definitions}?fieldSelector=spec.group%3Da`);
    },
  },
];
