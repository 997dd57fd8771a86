import { itemsAt, textAt } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { Happening } from './events/event-log.ts';
import { durationMs } from './duration.ts';
import { imageStory, podStories, stageOf } from './pod-status.ts';
import type { PodStage } from './pod-status.ts';

/** What a kubelet tells when a pod comes to a stage, for each of its containers (pkg/kubelet). */
export function stageEvents(pod: KubeObject, stage: PodStage): Happening[] {
  return itemsAt(pod, 'spec', 'containers').flatMap((container) => {
    const words = {
      image: textAt(container, 'image') ?? '',
      name: textAt(container, 'name') ?? '',
      pod,
      probes: typeof container === 'object' && container !== null && 'readinessProbe' in container,
    };
    return events[stage]?.(words) ?? [];
  });
}

/** That a container is stopped. */
export function stopEvents(pod: KubeObject): Happening[] {
  return itemsAt(pod, 'spec', 'containers').map((container) =>
    normal('Killing', `Stopping container ${textAt(container, 'name') ?? ''}`),
  );
}

interface Words {
  readonly image: string;
  readonly name: string;
  readonly pod: KubeObject;
  readonly probes: boolean;
}

function normal(reason: string, message: string): Happening {
  return { type: 'Normal', reason, message };
}

function warning(reason: string, message: string): Happening {
  return { type: 'Warning', reason, message };
}

function started({ image, pod }: Words): Happening[] {
  const pullMs = stageOf(pod) === 'creating' ? pullTimeMs(pod) : undefined;
  const time = pullMs === undefined ? '' : goDuration(pullMs);
  return [
    pullMs === undefined
      ? normal(
          'Pulled',
          `Container image "${image}" already present on machine and can be accessed by the pod`,
        )
      : normal(
          'Pulled',
          `Successfully pulled image "${image}" in ${time} (${time} including waiting). Image size: ${imageBytes} bytes.`,
        ),
    normal('Created', 'Container created'),
    normal('Started', 'Container started'),
  ];
}

/** What every image weighs that is pulled: as much as a server of models does. */
const imageBytes = '8589934592';

/** How long the images of a pod are pulled; those of a pod that tells nothing are there already. */
function pullTimeMs({ metadata: { annotations = {} } }: KubeObject): number | undefined {
  const told = annotations[podStories.pullTime];
  return told === undefined ? undefined : durationMs(told);
}

/** A duration as Go prints it. */
function goDuration(ms: number): string {
  if (ms < 1_000) return `${String(ms)}ms`;
  const minutes = Math.floor(ms / 60_000);
  const seconds = `${String((ms % 60_000) / 1_000)}s`;
  if (minutes < 60) return minutes === 0 ? seconds : `${String(minutes)}m${seconds}`;
  return `${String(Math.floor(minutes / 60))}h${String(minutes % 60)}m${seconds}`;
}

const events: { readonly [stage in PodStage]?: (words: Words) => Happening[] } = {
  creating({ image, pod }) {
    const pulls = pullTimeMs(pod) !== undefined || imageStory(pod) === 'missing';
    return pulls ? [normal('Pulling', `Pulling image "${image}"`)] : [];
  },
  loading: (words) => [
    ...started(words),
    ...(words.probes
      ? [warning('Unhealthy', 'Readiness probe failed: HTTP probe failed with statuscode: 503')]
      : []),
  ],
  ready: started,
  'pull-failed': ({ image }) => [
    warning('Failed', `Failed to pull image "${image}": failed to pull image "${image}": not found`),
    warning('Failed', 'Error: ErrImagePull'),
  ],
  'pull-backoff': ({ image }) => [
    normal('BackOff', `Back-off pulling image "${image}"`),
    warning('Failed', 'Error: ImagePullBackOff'),
  ],
  crashed: (words) => {
    const { name = '', namespace = '', uid = '' } = words.pod.metadata;
    const where = `container ${words.name} in pod ${name}_${namespace}(${uid})`;
    return [...started(words), warning('BackOff', `Back-off restarting failed ${where}`)];
  },
};
