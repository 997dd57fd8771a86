export { elect, holdLease } from './elect.ts';
export type { ElectOptions, Leading } from './elect.ts';
export { openLease } from './lease.ts';
export type { Lease, LeaseLog, LeaseState, OpenLeaseOptions } from './lease.ts';
