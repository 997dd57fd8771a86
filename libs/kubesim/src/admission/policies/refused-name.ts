import type { Review } from '../review.ts';

/** How a policy's refusal names the object, which may have no name yet. */
export function nameOf({ target, object }: Review): string {
  const { name = '', generateName = '' } = object?.metadata ?? {};
  return [target.name, name, generateName].find((one) => one !== '') ?? 'Unknown';
}
