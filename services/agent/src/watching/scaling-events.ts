import type { PodEvent } from '@meridian/health';
import type { KubeObject } from '@meridian/manifests';
import { isJsonObject } from '../json.ts';
import type { KubePort } from '../ports.ts';

/** The reasons by which cluster-autoscaler and Karpenter say what they do for a pod, each asked for by itself. */
const reasons = ['NotTriggerScaleUp', 'TriggeredScaleUp', 'Nominated'] as const;

/** Of each reason. A namespace with thousands of pods that find no node has as many events, and a few tell the same. */
const mostEvents = 200;

/**
 * What autoscalers have said of the pods of a namespace. It is asked only while a pod finds no node; an event lives for an
 * hour, so an old one may still be there: the later of two counts. At most 200 of each
 * reason are looked at, so that a pod of a crowd may be told to wait without its reason.
 */
export async function scalingEvents(
  kube: Pick<KubePort, 'list'>,
  namespace: string,
  signal: AbortSignal,
): Promise<readonly PodEvent[]> {
  const lists = await Promise.all(
    reasons.map((reason) =>
      kube.list(
        {
          apiVersion: 'v1',
          kind: 'Event',
          namespace,
          labelSelector: '',
          fieldSelector: `involvedObject.kind=Pod,reason=${reason}`,
          most: mostEvents,
        },
        signal,
      ),
    ),
  );
  return lists
    .flat()
    .map((event) => ({ event: eventOf(event), seen: seenAt(event) }))
    .toSorted((left, right) => (left.seen < right.seen ? -1 : left.seen > right.seen ? 1 : 0))
    .map(({ event }) => event);
}

function eventOf(event: KubeObject): PodEvent {
  const about = event['involvedObject'];
  return {
    pod: isJsonObject(about) ? textOf(about['name']) : '',
    reason: textOf(event['reason']),
    message: textOf(event['message']),
  };
}

function seenAt(event: KubeObject): string {
  return (
    textOf(event['lastTimestamp']) ||
    textOf(event['eventTime']) ||
    textOf(event.metadata['creationTimestamp'])
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
