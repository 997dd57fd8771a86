import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

/** Names one life of a process: a process id alone may mean another program after a restart of either. */
export interface ProcessIdentity {
  readonly pid: number;
  /** When it started, in the system's own words. */
  readonly born: string;
}

/** Who has a process id now; undefined when nobody has, or only a dead child that was not waited for. */
export function identify(pid: number): ProcessIdentity | undefined {
  const born = process.platform === 'linux' ? bornOnLinux(pid) : bornElsewhere(pid);
  return born === undefined ? undefined : { pid, born };
}

/** Whether the very process that was identified before still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.born === identity.born;
}

/** Fields of https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html after the command, which may hold any character. */
function bornOnLinux(pid: number): string | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return undefined;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    return `${boot}/${fields[19] ?? ''}`;
  } catch {
    return undefined;
  }
}

function bornElsewhere(pid: number): string | undefined {
  const answer = spawnSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], { encoding: 'utf8' });
  const found = /^(\S+)\s+(.+?)\s*$/.exec(answer.stdout.trim());
  return found === null || found[1]?.startsWith('Z') ? undefined : found[2];
}

/** Sends a signal to that very process and nobody else. */
export function signalProcess(identity: ProcessIdentity, signal: NodeJS.Signals): void {
  if (!isAlive(identity)) return;
  try {
    process.kill(identity.pid, signal);
  } catch {
    // It ended between the two lines.
  }
}
