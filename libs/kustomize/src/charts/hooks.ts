import type { KubeObject } from '@meridian/manifests';

const hookAnnotation = 'helm.sh/hook';

/**
 * Hooks of Helm that run when a release is deleted or rolled back, or on demand. An agent applies what is in a bundle and
 * keeps it, so that these would run at the wrong time: they stay out. A rollback of Meridian is an upgrade to old content.
 */
const otherTimes: ReadonlySet<string> = new Set([
  'pre-delete',
  'post-delete',
  'pre-rollback',
  'post-rollback',
  'test',
  'test-success',
  'test-failure',
]);

/** Whether an object belongs into a bundle: it is no hook, or one that runs at install or upgrade too. */
export function isInstalled({ metadata: { annotations } }: KubeObject): boolean {
  const text = annotations?.[hookAnnotation] ?? '';
  const hooks = text.split(',').map((hook) => hook.trim());
  return text === '' || hooks.some((hook) => !otherTimes.has(hook));
}
