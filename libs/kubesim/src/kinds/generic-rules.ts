import { draftOf } from '../json.ts';
import type { KubeObject } from '../kube-object.ts';
import type { KindRules } from './kind-rules.ts';

/** Keeps what only the status subresource may write. */
export function keepStatus(draft: KubeObject, old: KubeObject): void {
  if (old['status'] === undefined) delete draft['status'];
  else draft['status'] = draftOf(old['status']);
}

/** Keeps everything but the status and the metadata that a status update may write; it is shared with the old object. */
export function keepAllButStatus(draft: KubeObject, old: KubeObject): void {
  for (const name of Object.keys(draft)) {
    if (!['apiVersion', 'kind', 'metadata', 'status'].includes(name)) delete draft[name];
  }
  for (const [name, value] of Object.entries(old)) {
    if (!['apiVersion', 'kind', 'metadata', 'status'].includes(name) && value !== undefined) {
      draft[name] = value;
    }
  }
}

/** Rules of kinds that have none of their own: names are DNS subdomains, and nothing else is checked. */
export const genericRules: KindRules = {
  name: 'dns-subdomain',
  allowsCreateOnUpdate: false,
  allowsUnconditionalUpdate: true,
  status: { prepareForUpdate: keepAllButStatus, validateUpdate: () => [] },
};
