import { ledgerSubjects } from '@meridian/ledger';

/** The ledger's subjects that a leader reads and writes, beside those of the ledger itself. */
export const leaderSubjects = {
  ...ledgerSubjects,
  rollout: (shard: string, application: string) => `ledger.${shard}.rollout.${application}`,
  approval: (shard: string, application: string) => `ledger.${shard}.approval.${application}`,
  verb: (shard: string, application: string) => `ledger.${shard}.verb.${application}`,
  hold: (shard: string, scope: string, name: string) =>
    `ledger.${shard}.hold.${scope}.${name === '' ? 'all' : name}`,
  pause: (shard: string, cluster: string, application: string) =>
    `ledger.${shard}.pause.${cluster}.${application}`,
} as const;
