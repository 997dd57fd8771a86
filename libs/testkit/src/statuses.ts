import type { ApplicationStatus } from '@meridian/fleet';

/** A status of an application without objects that is synced and healthy at generation 1, with changes. */
export function healthyStatus(
  cluster: string,
  application: string,
  more: Partial<ApplicationStatus> = {},
): ApplicationStatus {
  return {
    cluster,
    application,
    release: '',
    revision: 'c0ffee',
    bundle: '',
    generation: 1,
    term: 1,
    incarnation: 'one',
    sync: 'Synced',
    health: 'Healthy',
    message: '',
    objects: [],
    drift: [],
    healthSinceMs: 1,
    observedAtMs: 1,
    ...more,
  };
}
