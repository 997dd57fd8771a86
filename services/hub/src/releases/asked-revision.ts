import { FaultError } from '@meridian/runtime';

/** How the revision that somebody asks about is found. */
export interface RevisionPorts {
  /** The full id of the commit whose id begins so. Throws FaultError `not_found`. */
  readonly findCommit: (start: string, signal: AbortSignal) => Promise<string>;
  /** The newest revision that this replica has fetched; undefined before the first. */
  readonly newest: () => string | undefined;
  /** The revision that an application was rolled out at last, by whichever replica led. */
  readonly rolledOut: (application: string) => string | undefined;
  /** Looks at the fleet repo now; ends when it has answered, or after a while. */
  readonly catchUp: (signal: AbortSignal) => Promise<void>;
}

/** An application, and the start of the id of the commit to look at; the newest one unless told. */
export interface AskedRevision {
  readonly application: string;
  readonly revision?: string;
}

/**
 * Answers at the revision that is asked for, else at the newest one. Another replica may have rolled out a commit that this one
 * has not fetched yet: what is missing for an answer is looked for once more in the fleet repo. Throws FaultError `not_found`
 * when there is no such commit, and what `answer` throws.
 */
export async function answeredAt<Answer>(
  ports: RevisionPorts,
  { application, revision: start }: AskedRevision,
  { answer, signal }: { answer: (revision: string | undefined) => Promise<Answer>; signal: AbortSignal },
): Promise<Answer> {
  if (start !== undefined) return answer(await found(start, ports, signal));
  const rolledOut = ports.rolledOut(application);
  if (rolledOut !== undefined && !(await has(rolledOut, ports, signal))) await ports.catchUp(signal);
  const revision = ports.newest();
  try {
    return await answer(revision);
  } catch (error) {
    if (!isMissing(error)) throw error;
    await ports.catchUp(signal);
    if (ports.newest() === revision) throw error;
    return answer(ports.newest());
  }
}

async function found(start: string, ports: RevisionPorts, signal: AbortSignal): Promise<string> {
  if (!(await has(start, ports, signal))) await ports.catchUp(signal);
  try {
    return await ports.findCommit(start, signal);
  } catch (error) {
    const newest = ports.newest();
    if (!isMissing(error) || newest === undefined) throw error;
    const message = `no commit of the fleet repo begins with ${start}; the newest that this hub has is ${newest.slice(0, 7)}`;
    throw new FaultError('not_found', message, { retry: 'never' });
  }
}

async function has(start: string, { findCommit }: RevisionPorts, signal: AbortSignal): Promise<boolean> {
  try {
    await findCommit(start, signal);
    return true;
  } catch (error) {
    if (isMissing(error)) return false;
    throw error;
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof FaultError && error.code === 'not_found';
}
