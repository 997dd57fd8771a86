// What costs nothing to load: a process that has to stay small does not load how configurations are read.
export { systemClock } from './clock.ts';
export { FaultError, errorText } from './fault.ts';
