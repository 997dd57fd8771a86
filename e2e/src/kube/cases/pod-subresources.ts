import type { Body } from '../body.ts';
import { set } from '../body.ts';
import { sampleOf } from '../objects.ts';
import type { ContractCase, Session } from '../session.ts';

const collection = '/api/v1/namespaces/{ns}/pods';
const path = `${collection}/sample`;

/** A case that changes a pod through one of its subresources, once or several times, and reads what came of it. */
function through(
  title: string,
  subresource: string,
  ...changes: readonly ((pod: Body) => void)[]
): ContractCase {
  return {
    title: `pod ${subresource}: ${title}`,
    async run(session: Session) {
      const pod = sampleOf('Pod').make(session.namespace);
      set(pod, 'spec.containers.0.resources', { requests: { cpu: '1' }, limits: { memory: '1Gi' } });
      await session.prepare('POST', collection, pod);
      for (const change of changes) {
        const { body } = await session.prepare('GET', path);
        change(body);
        await session.ask('PUT', `${path}/${subresource}`, body);
      }
      await session.ask('GET', path);
    },
  };
}

const at =
  (field: string, value: unknown) =>
  (pod: Body): void =>
    set(pod, field, value);

const debug = { name: 'debug', image: 'busybox:1' };
const containerState = (state: object) => ({
  name: 'server',
  image: 'x',
  imageID: '',
  ready: false,
  restartCount: 0,
  state,
});

/** Writes of parts of pods: containers to look into them, resources, status. */
export const podSubresourceCases: readonly ContractCase[] = [
  through('a container', 'ephemeralcontainers', at('spec.ephemeralContainers', [debug])),
  through(
    'a container that is taken away again',
    'ephemeralcontainers',
    at('spec.ephemeralContainers', [debug]),
    at('spec.ephemeralContainers', undefined),
  ),
  through(
    'a container that is changed',
    'ephemeralcontainers',
    at('spec.ephemeralContainers', [debug]),
    at('spec.ephemeralContainers.0.image', 'busybox:2'),
  ),
  through(
    'a container that says too much',
    'ephemeralcontainers',
    at('spec.ephemeralContainers', [
      { name: 'server', image: ' x', ports: [{ containerPort: 1 }], resources: { limits: { cpu: '1' } } },
      { ...debug, targetContainerName: 'none', livenessProbe: { tcpSocket: { port: 1 } }, lifecycle: {} },
    ]),
  ),
  through('labels and an image beside', 'ephemeralcontainers', (pod) => {
    set(pod, 'metadata.labels', { other: 'x' });
    set(pod, 'spec.containers.0.image', 'other:2');
    set(pod, 'spec.ephemeralContainers', [debug]);
  }),
  through('more of what there is', 'resize', at('spec.containers.0.resources.requests.cpu', '2')),
  through('less than nothing', 'resize', at('spec.containers.0.resources.requests.cpu', '-2')),
  through('nothing', 'resize', at('spec.containers.0.resources', {})),
  through('to be guaranteed', 'resize', (pod) => {
    set(pod, 'spec.containers.0.resources.limits', { cpu: '1', memory: '1Gi' });
    set(pod, 'spec.containers.0.resources.requests', { cpu: '1', memory: '1Gi' });
  }),
  through('other resources', 'resize', at('spec.containers.0.resources.limits', { memory: '1Gi', 'ephemeral-storage': '1Gi' })),
  through('an image beside', 'resize', at('spec.containers.0.image', 'other:2')),
  through('another container', 'resize', at('spec.containers.1', { name: 'more', image: 'x' })),
  through('another name', 'resize', at('spec.containers.0.name', 'renamed')),
  through('resources as a whole', 'resize', at('spec.resources', { limits: { cpu: '4' } })),
  through('a phase', 'status', at('status.phase', 'Running')),
  through('a spec beside', 'status', at('spec.containers.0.image', 'other:2')),
  through('conditions', 'status', at('status.conditions', [{ type: 'bad type', status: 'True', observedGeneration: -1 }])),
  through('another class of service', 'status', at('status.qosClass', 'Guaranteed')),
  through('no class of service', 'status', at('status.qosClass', undefined)),
  through('labels and owners', 'status', (pod) => {
    set(pod, 'metadata.labels', { other: 'x' });
    set(pod, 'metadata.ownerReferences', [{ apiVersion: 'v1', kind: 'Node', name: 'a', uid: 'b' }]);
  }),
  through(
    'a container that ended and runs again',
    'status',
    at('status.containerStatuses', [containerState({ terminated: { exitCode: 0 } })]),
    at('status.containerStatuses', [containerState({ running: {} })]),
  ),
];
