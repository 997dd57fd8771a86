import { readFileSync } from 'node:fs';

/** Resident memory of a process in MiB, from Linux' /proc. Throws when the process is gone. */
export function residentMb(pid: number): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(/VmRSS:\s+(\d+)/.exec(status)?.[1] ?? 0) / 1024;
}
