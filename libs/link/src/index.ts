export { attachLink } from './attach-link.ts';
export type { AttachLinkConfig, Link, LinkLog } from './attach-link.ts';
export { createOutbox } from './outbox.ts';
export type { Outbox } from './outbox.ts';
export { serveLink } from './serve-link.ts';
export type { LinkServer, ServeLinkConfig } from './serve-link.ts';
export type { PeerIdentity } from './peer-identity.ts';
export type { AttachedSession, LinkReceiver, ReportOrigin } from './session.ts';
export type { Heartbeat, Hello, Snapshot } from '@meridian/wire';
