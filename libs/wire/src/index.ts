export {
  AttachRequest,
  AttachResponse,
  LinkServiceClient,
  LinkServiceService,
} from './gen/meridian/v1/link.ts';
export type { LinkServiceServer } from './gen/meridian/v1/link.ts';
export {
  CertificateServiceClient,
  CertificateServiceService,
  EnrolmentServiceClient,
  EnrolmentServiceService,
} from './gen/meridian/v1/certificates.ts';
export type {
  CertificateServiceServer,
  EnrolRequest,
  EnrolmentServiceServer,
} from './gen/meridian/v1/certificates.ts';
export { applicationStatusFromWire, applicationStatusToWire, worstObjects } from './application-status.ts';
export {
  agentStatusOf,
  heartbeatFromWire,
  heartbeatToWire,
  helloFromWire,
  helloToWire,
} from './agent-status.ts';
export type { Heartbeat, Hello } from './agent-status.ts';
export { fleetEventFromWire, fleetEventToWire } from './fleet-event.ts';
export { snapshotFromWire, snapshotToWire } from './snapshot.ts';
export type { Snapshot } from './snapshot.ts';
export { cutText, plainText } from './plain-text.ts';
export { wireLimits } from './limits.ts';
export type { Parsed, Refusal, RefusalCode } from './field-checks.ts';
