import { mkdirSync } from 'node:fs';
import { FaultError } from '@meridian/runtime';
import type { FaultCode } from '@meridian/runtime';
import type { Transport } from './names.ts';
import { simpleGit } from 'simple-git';

/** Where git is found and whose keys it uses. */
export interface GitPlace {
  readonly path: string | undefined;
  readonly home: string | undefined;
  /** The one transport that it may use; none unless told. */
  readonly transport?: Transport;
}

/** Runs git in one bare directory. Throws FaultError with git's last line of complaint. */
export interface GitCommand {
  /** With `mostBytes`, git that says more than that is ended: FaultError `exhausted`. */
  run(args: readonly string[], signal: AbortSignal, mostBytes?: number): Promise<string>;
}

/**
 * Environment of every git process: no prompt and no transport but the one of the repository, so that neither a hostile URL such
 * as `ext::` nor a redirect makes git run or reach something else. HOME is passed on, because that is where operators keep keys
 * and credentials.
 */
export function gitEnvironment({ path, home, transport }: GitPlace): Record<string, string> {
  return {
    PATH: path ?? '/usr/bin:/bin',
    LC_ALL: 'C',
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: transport ?? '',
    ...(home === undefined ? {} : { HOME: home }),
  };
}

/**
 * No hooks; no housekeeping in the middle of a fetch (the mirror's `tidy` does it); no waiting for the disk, because the
 * mirror holds nothing that cannot be fetched again and is checked when it is opened.
 */
const quietConfig = [
  'core.hooksPath=/dev/null',
  'gc.auto=0',
  'maintenance.auto=false',
  'core.fsync=none',
  'fetch.writeCommitGraph=false',
];

/**
 * What a remote may make git do, however the operator's own configuration is: follow no redirect, which could lead to another host
 * with the credentials of this one, nor any list of other places to fetch from (alternates, bundles, packs by URL); take no object
 * that is malformed; hold no large file in memory.
 */
const strictConfig = [
  'http.followRedirects=false',
  'transfer.bundleURI=false',
  'fetch.uriProtocols=',
  'transfer.fsckObjects=true',
  'core.bigFileThreshold=16m',
];

/** Git's progress for half an hour is less; a remote may say whatever it likes, all of which is kept until git ends. */
const mostComplaintBytes = 4 * 1024 * 1024;

/** A runner for `dir`, which is made when it does not exist. `timeoutMs` is how long git may stay silent. */
export function gitCommand(dir: string, options: GitPlace & { timeoutMs: number }): GitCommand {
  mkdirSync(dir, { recursive: true });
  const environment = gitEnvironment(options);
  return {
    async run(args, signal, mostBytes = Infinity) {
      const ending = new AbortController();
      const stop = () => ending.abort(signal.reason);
      let excess: FaultError | undefined;
      if (signal.aborted) stop();
      // Nothing stays attached to a signal that lives longer.
      signal.addEventListener('abort', stop, { once: true });
      const git = simpleGit({
        baseDir: dir,
        abort: ending.signal,
        config: [...quietConfig, ...strictConfig],
        timeout: { block: options.timeoutMs },
        allowEnvironment: Object.keys(environment),
        unsafe: { allowUnsafeHooksPath: true },
      })
        .env(environment)
        .outputHandler((_program, stdout, stderr) => {
          const end = (reason: FaultError) => {
            excess ??= reason;
            ending.abort(excess);
          };
          countBytes(stderr, mostComplaintBytes, () => end(tooTalkative()));
          if (mostBytes !== Infinity) countBytes(stdout, mostBytes, () => end(tooLong(args[0], mostBytes)));
        });
      try {
        return await git.raw([...args]);
      } catch (error) {
        throw excess ?? gitFault(error, args[0] ?? 'git');
      } finally {
        signal.removeEventListener('abort', stop);
      }
    },
  };
}

function countBytes(stream: NodeJS.ReadableStream, most: number, exceeded: () => void): void {
  let bytes = 0;
  stream.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > most) exceeded();
  });
}

function tooLong(verb: string | undefined, mostBytes: number): FaultError {
  return new FaultError('exhausted', `git ${verb ?? ''} says more than ${mostBytes} bytes`, {
    retry: 'never',
  });
}

function tooTalkative(): FaultError {
  const message = `the server of the fleet repo says more than ${mostComplaintBytes} bytes beside what was asked for`;
  return new FaultError('exhausted', message, { retry: 'later' });
}

const known: readonly {
  readonly says: RegExp;
  readonly code: FaultCode;
  readonly retry: 'later' | 'never';
  readonly fix: string;
}[] = [
  {
    says: /ENOENT/,
    code: 'unsupported',
    retry: 'never',
    fix: 'git is not installed or not on PATH; install git 2.30 or newer',
  },
  {
    says: /No space left/i,
    code: 'exhausted',
    retry: 'later',
    fix: 'the disk of the mirror is full; free space in MERIDIAN_DATA_DIR',
  },
  {
    says: /couldn't find remote ref|Remote branch .* not found/i,
    code: 'not_found',
    retry: 'later',
    fix: 'the branch does not exist in the fleet repo; push it or set MERIDIAN_REPO_BRANCH',
  },
  {
    says: /not a tree object|bad object|bad revision|not a valid object name/i,
    code: 'not_found',
    retry: 'later',
    fix: 'the revision is not in the mirror; the fleet repo may have been rewritten',
  },
  {
    says: /transport .* not allowed/i,
    code: 'denied',
    retry: 'never',
    fix: 'only file, https and ssh URLs are fetched, and nothing that they lead to',
  },
  {
    says: /returned error: 30\d/,
    code: 'denied',
    retry: 'later',
    fix: 'the fleet repo has moved and redirects are not followed; set MERIDIAN_REPO_URL to where it is now',
  },
  {
    says: /fsck error/,
    code: 'invalid',
    retry: 'later',
    fix: 'the fleet repo holds a malformed object; find it with git fsck and rewrite the branch without it',
  },
  {
    says: /Authentication failed|Permission denied|could not read Username/i,
    code: 'denied',
    retry: 'later',
    fix: 'the repository refuses the credentials',
  },
  {
    says: /does not appear to be a git repository|not found|Could not resolve host|unable to access|timeout/i,
    code: 'unavailable',
    retry: 'later',
    fix: 'the fleet repo cannot be reached; check MERIDIAN_REPO_URL',
  },
];

/** The only place that reads git's own words. Credentials in URLs are masked. */
export function gitFault(error: unknown, verb: string): FaultError {
  if (error instanceof FaultError) return error;
  const text = (error instanceof Error ? error.message : String(error)).replace(/:\/\/[^@\s/]+@/g, '://***@');
  // Progress ends its lines with a carriage return.
  const lines = text.split(/[\r\n]+/);
  const complaint = lines.find((line) => /fatal|error|ENOENT/i.test(line)) ?? lines[0] ?? '';
  const match = known.find((entry) => entry.says.test(text));
  const detail = `git ${verb}: ${complaint.trim().slice(0, 300)}`;
  if (!match) return new FaultError('unavailable', detail, { retry: 'later' });
  return new FaultError(match.code, `${match.fix} (${detail})`, { retry: match.retry });
}
