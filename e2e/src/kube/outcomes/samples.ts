import type { Body } from '../body.ts';

/** What a pod of the scripts is labelled with. */
export const labels = { app: 'web' };

/** A container of an image, with more of its fields. */
export function container(image = 'web:1', more: Body = {}): Body {
  return { name: 'server', image, ...more };
}

/** The template of a workload's pods. */
export function template(
  image = 'web:1',
  { spec = {}, annotations }: { spec?: Body; annotations?: Body } = {},
): Body {
  return {
    metadata: { labels, ...(annotations && { annotations }) },
    spec: { containers: [container(image)], terminationGracePeriodSeconds: 0, ...spec },
  };
}

/** A workload called `web` of three pods. */
export function workload(spec: Body = {}, more: Body = {}): Body {
  return {
    metadata: { name: 'web', ...more },
    spec: { replicas: 3, selector: { matchLabels: labels }, template: template(), ...spec },
  };
}

/** A template of a job's pods. */
export function jobTemplate(image = 'once:1', spec: Body = {}, annotations?: Body): Body {
  return {
    ...(annotations && { metadata: { annotations } }),
    spec: {
      containers: [container(image)],
      restartPolicy: 'Never',
      terminationGracePeriodSeconds: 0,
      ...spec,
    },
  };
}

/** A job called `once`. */
export function job(spec: Body = {}): Body {
  return { metadata: { name: 'once' }, spec: { template: jobTemplate(), ...spec } };
}

/** Annotations of a pod whose model takes so long to load. */
export function loading(time: string): Body {
  return { 'sandbox.meridian.dev/load-time': time };
}
