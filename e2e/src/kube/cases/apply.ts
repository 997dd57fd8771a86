import { at, itemsAt, set, textAt } from '../body.ts';
import type { Body } from '../body.ts';
import { sampleOf } from '../objects.ts';
import type { Answer, ContractCase, Session } from '../session.ts';

const apply = { type: 'application/apply-patch+yaml' };
const merge = { type: 'application/merge-patch+json' };
const deployment = sampleOf('Deployment');
const service = sampleOf('Service');
const path = `${deployment.path}/sample`;
const servicePath = `${service.path}/sample`;

const as = (session: Session, manager: string, object: Body, query = ''): Promise<Answer> =>
  session.ask(
    'PATCH',
    `${object['kind'] === 'Service' ? servicePath : path}?fieldManager=${manager}${query}`,
    object,
    apply,
  );

/** An intent over a Deployment: only what is named. */
const intent = (spec: object, metadata: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'sample', ...metadata },
  spec,
});

const containers = (...list: object[]) => ({ template: { spec: { containers: list } } });

/** Server-side apply beyond the life of a kind. */
export const applyCases: readonly ContractCase[] = [
  {
    title: 'apply: without a manager, without a body, of another name, with managed fields',
    async run(session) {
      const object = deployment.make('');
      await session.ask('PATCH', path, object, apply);
      await session.ask('PATCH', `${path}?fieldManager=one`, '', apply);
      await session.ask('PATCH', `${path}?fieldManager=one`, '[]', apply);
      await session.ask('PATCH', `${path}?fieldManager=one`, 'a: {', apply);
      await session.ask('PATCH', `${deployment.path}/other?fieldManager=one`, object, apply);
      await session.ask('PATCH', `${path}?fieldManager=one`, { ...object, apiVersion: 'apps/v2' }, apply);
      await session.ask('PATCH', `${path}?fieldManager=one`, { ...object, kind: 'ReplicaSet' }, apply);
      set(object, 'metadata.managedFields', [{ manager: 'x', operation: 'Apply' }]);
      await session.ask('PATCH', `${path}?fieldManager=one`, object, apply);
      set(object, 'metadata.managedFields', undefined);
      await session.ask('PATCH', `${path}?fieldManager=one&force=perhaps`, object, apply);
      await session.ask('PATCH', `${path}?fieldManager=one&dryRun=All`, object, apply);
      await session.ask('GET', path);
    },
  },
  {
    title: 'apply: with uid and resourceVersion',
    async run(session) {
      const object = deployment.make('');
      set(object, 'metadata.uid', '00000000-0000-0000-0000-000000000000');
      await as(session, 'one', object);
      set(object, 'metadata.uid', undefined);
      set(object, 'metadata.resourceVersion', '5');
      await as(session, 'one', object);
      set(object, 'metadata.resourceVersion', undefined);
      const made = await as(session, 'one', object);
      set(object, 'metadata.resourceVersion', '5');
      await as(session, 'one', object);
      set(object, 'metadata.resourceVersion', textAt(made.body, 'metadata.resourceVersion'));
      set(object, 'spec.replicas', 3);
      await as(session, 'one', object);
    },
  },
  {
    title: 'apply: two managers share a list, one takes a field by force, the other gives it up',
    async run(session) {
      const object = deployment.make('');
      set(object, 'spec.replicas', 2);
      await as(session, 'one', object);
      await as(session, 'two', intent({ replicas: 5, ...containers({ name: 'sidecar', image: 'proxy:1' }) }));
      await as(
        session,
        'two',
        intent({ replicas: 5, ...containers({ name: 'sidecar', image: 'proxy:1' }) }),
        '&force=true',
      );
      await as(session, 'one', object);
      set(object, 'spec.replicas', undefined);
      await as(session, 'one', object);
      await as(session, 'two', intent(containers({ name: 'sidecar', image: 'proxy:2' })));
      await as(session, 'two', intent({}));
      await session.ask('GET', path);
    },
  },
  {
    title: 'apply: several conflicts with several managers',
    async run(session) {
      const object = deployment.make('');
      set(object, 'spec.replicas', 2);
      set(object, 'metadata.labels', { a: '1', b: '1' });
      await as(session, 'one', object);
      await session.ask('PATCH', `${path}?fieldManager=three`, { spec: { minReadySeconds: 4 } }, merge);
      await as(
        session,
        'two',
        intent(
          { replicas: 3, minReadySeconds: 5, ...containers({ name: 'server', image: 'other:1' }) },
          { labels: { a: '2', b: '2' } },
        ),
      );
    },
  },
  {
    title: 'apply: a field that an updater changed conflicts, and one that it set to the same value does not',
    async run(session) {
      const object = deployment.make('');
      set(object, 'spec.replicas', 2);
      await as(session, 'one', object);
      await session.ask('PATCH', `${path}?fieldManager=hand`, { spec: { replicas: 9 } }, merge);
      await as(session, 'one', object);
      set(object, 'spec.replicas', 9);
      await as(session, 'one', object);
      set(object, 'spec.replicas', 3);
      await as(session, 'one', object);
      await as(session, 'one', object, '&force=true');
    },
  },
  {
    title: 'apply: over an object that was made by create',
    async run(session) {
      await session.ask('POST', `${deployment.path}?fieldManager=maker`, deployment.make(''));
      const object = deployment.make('');
      set(object, 'spec.template.spec.containers.0.image', 'registry.example/inference:2.0.0');
      await as(session, 'one', object);
      await as(session, 'one', object, '&force=true');
    },
  },
  {
    title: 'apply: service ports by port and protocol',
    async run(session) {
      const object = service.make('');
      set(object, 'spec.ports', [
        { name: 'http', port: 80 },
        { name: 'dns', port: 53, protocol: 'UDP' },
        { name: 'dns-tcp', port: 53 },
      ]);
      await as(session, 'one', object);
      set(object, 'spec.ports', [{ name: 'metrics', port: 9090 }]);
      await as(session, 'two', object);
      set(object, 'spec.ports', [
        { name: 'http', port: 80 },
        { name: 'again', port: 80 },
      ]);
      await as(session, 'one', object);
      set(object, 'spec.ports', [{ name: 'http', port: 80, targetPort: 'web' }]);
      await as(session, 'one', object);
    },
  },
  {
    title: 'apply: environment, tolerations, topology and args',
    async run(session) {
      const object = deployment.make('');
      const container = 'spec.template.spec.containers.0';
      set(object, `${container}.env`, [
        { name: 'A', value: '1' },
        { name: 'B', value: '2' },
      ]);
      set(object, `${container}.args`, ['--a', '--b']);
      set(object, 'spec.template.spec.tolerations', [{ key: 'gpu', operator: 'Exists' }]);
      await as(session, 'one', object);
      set(object, `${container}.env`, [{ name: 'C', value: '3' }]);
      await as(session, 'two', intent(containers({ name: 'server', env: [{ name: 'D', value: '4' }] })));
      await as(session, 'two', intent(containers({ name: 'server', args: ['--c'] })));
      await as(session, 'one', object);
    },
  },
  {
    title: 'apply: duplicate list keys',
    async run(session) {
      const object = deployment.make('');
      set(object, 'spec.template.spec.containers.0.env', [
        { name: 'A', value: '1' },
        { name: 'A', value: '2' },
      ]);
      await as(session, 'one', object);
    },
  },
  {
    title: 'apply: a list item without its key, a wrong type, an unknown field',
    async run(session) {
      await as(session, 'one', intent(containers({ image: 'nameless:1' })));
      await as(session, 'one', intent({ replicas: 'three' }));
      await as(session, 'one', intent({ bogus: 1 }));
      await as(session, 'one', intent({ template: [] }));
      await as(session, 'one', { ...intent({}), metadata: { name: 'sample', labels: { a: 1 } } });
    },
  },
  {
    title: 'apply: nulls and empty values',
    async run(session) {
      const object = deployment.make('');
      set(object, 'spec.replicas', null);
      set(object, 'metadata.labels', {});
      set(object, 'metadata.annotations', null);
      set(object, 'spec.template.spec.nodeSelector', {});
      set(object, 'spec.template.spec.volumes', []);
      await as(session, 'one', object);
      set(object, 'metadata.labels', { a: '' });
      await as(session, 'one', object);
    },
  },
  {
    title: 'apply: an immutable field, and what is left after the refusal',
    async run(session) {
      await as(session, 'one', deployment.make(''));
      const object = deployment.make('');
      set(object, 'spec.selector.matchLabels', { app: 'other' });
      set(object, 'spec.template.metadata.labels', { app: 'other' });
      await as(session, 'one', object, '&force=true');
      await session.ask('GET', path);
    },
  },
  {
    title: 'apply: owners and finalizers by several managers',
    async run(session) {
      const owner = (uid: string) => ({ apiVersion: 'v1', kind: 'ConfigMap', name: uid, uid });
      const object = deployment.make('');
      set(object, 'metadata.finalizers', ['example.com/a']);
      set(object, 'metadata.ownerReferences', [owner('one')]);
      await as(session, 'one', object);
      await as(
        session,
        'two',
        intent({}, { finalizers: ['example.com/b'], ownerReferences: [owner('two')] }),
      );
      await as(session, 'one', deployment.make(''));
    },
  },
  {
    title: 'apply: after kubectl apply of the client side',
    async run(session) {
      const object = deployment.make('');
      const last = JSON.stringify(object);
      set(object, 'metadata.annotations', {
        'kubectl.kubernetes.io/last-applied-configuration': `${last}\n`,
      });
      await session.ask('POST', `${deployment.path}?fieldManager=kubectl-client-side-apply`, object);
      const next = deployment.make('');
      set(next, 'spec.template.spec.containers.0.image', 'registry.example/inference:2.0.0');
      await as(session, 'kubectl', next);
      await as(session, 'meridian', next);
      set(next, 'spec.replicas', 4);
      await as(session, 'meridian', next, '&force=true');
    },
  },
  {
    title: 'apply: managed fields emptied by a client',
    async run(session) {
      await as(session, 'one', deployment.make(''));
      await session.ask('PATCH', path, { metadata: { managedFields: [{}] } }, merge);
      await as(session, 'two', intent({ replicas: 3 }));
      await session.ask('PATCH', path, { metadata: { managedFields: null } }, merge);
      await session.ask('PATCH', path, { metadata: { managedFields: [] } }, merge);
      await session.ask('GET', path);
    },
  },
  {
    title: 'apply: more updaters than managed fields keep apart',
    async run(session) {
      await session.prepare('POST', `${deployment.path}?fieldManager=maker`, deployment.make(''));
      for (let index = 0; index < 14; index += 1) {
        const patch = { metadata: { annotations: { [`example.com/${String(index)}`]: 'x' } } };
        await session.prepare(
          'PATCH',
          `${path}?fieldManager=updater-${String(index).padStart(2, '0')}`,
          patch,
          merge,
        );
      }
      const read = await session.prepare('GET', path);
      // Which of the updaters of one second are merged away depends on the second; how many are left does not.
      session.exchanges.push({
        asked: 'number of entries, and of annotations owned',
        status: 200,
        headers: {},
        body: [
          itemsAt(read.body, 'metadata.managedFields').length,
          JSON.stringify(at(read.body, 'metadata.managedFields')).split('f:example.com/').length,
        ],
      });
    },
  },
];
