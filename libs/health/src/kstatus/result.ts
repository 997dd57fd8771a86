/** The words of kstatus. NotFound and Unknown are those of its readers: an object that is not there, one that cannot be read. */
export type KstatusWord = 'Current' | 'InProgress' | 'Failed' | 'Terminating' | 'NotFound' | 'Unknown';

/** What kstatus says of an object: its word, its reason as upstream names it ('' when it has none) and a sentence of ours. */
export interface Kstatus {
  readonly status: KstatusWord;
  readonly reason: string;
  readonly message: string;
}

export const current = (message: string): Kstatus => ({ status: 'Current', reason: '', message });
export const inProgress = (reason: string, message: string): Kstatus => ({
  status: 'InProgress',
  reason,
  message,
});
export const failed = (reason: string, message: string): Kstatus => ({ status: 'Failed', reason, message });

/** One thing that must not hold of an object that is done. */
export interface Check {
  readonly fails: boolean;
  readonly reason: string;
  readonly message: string;
}

/** InProgress by the first check that fails, else Current. */
export function firstOf(checks: readonly Check[], fine: string): Kstatus {
  const found = checks.find(({ fails }) => fails);
  return found ? inProgress(found.reason, found.message) : current(fine);
}
