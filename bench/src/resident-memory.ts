import { readFileSync } from 'node:fs';

/** Resident memory of a process in MiB, from Linux' /proc. Throws when the process is gone. */
export function residentMb(pid: number): number {
  return statusMb(pid, 'VmRSS');
}

/** The most that it has had since it started, in MiB. */
export function peakMb(pid: number): number {
  return statusMb(pid, 'VmHWM');
}

function statusMb(pid: number, field: string): number {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(status)?.[1] ?? 0) / 1024;
}
