import type { ApplicationRecord } from '../ports.ts';

/** What is kept of application `web` before it has made anything. */
export const emptyRecord: ApplicationRecord = {
  application: 'web',
  writes: 1,
  mark: { incarnation: 'first', term: 1, generation: 1 },
  envelope: { payloadType: '', payload: '', signatures: [] },
  inventory: [],
};
