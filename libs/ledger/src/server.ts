// What sets up nats-server, without what talks to it: that takes a process 35 MB.
export { natsServerConfig } from './nats-server-config.ts';
export { createNkey, nkeyOfSeed } from './nkey.ts';
export { serverRefusal } from './version-gate.ts';
