import { join } from 'node:path';
import type { AgentFiles } from '@meridian/link';
import type { Part } from '@meridian/runtime';
import type { AgentConfig } from '../config.ts';
import { loopPart } from '../loop-part.ts';
import { createCertificateNotes } from '../reporting/certificate-notes.ts';
import { createCertificateKeeper } from './certificate-keeper.ts';
import type { CertificateKeeperConfig } from './certificate-keeper.ts';
import { openCertificateStore } from './certificate-store.ts';
import type { CertificateStoreConfig } from './certificate-store.ts';

type Ports = Pick<CertificateKeeperConfig, 'clock' | 'random' | 'log' | 'registry' | 'tell'> &
  Pick<CertificateStoreConfig, 'kube'>;

/** The files by which the agent is known to hubs, and the loops that keep what is in them fresh and tell of its end. */
export interface CertificateParts {
  readonly files: AgentFiles;
  readonly parts: readonly Part[];
}

/** Makes both loops. */
export function certificateParts(config: AgentConfig, { kube, ...ports }: Ports): CertificateParts {
  const keptFile = join(config.MERIDIAN_DATA_DIR, 'certificate', 'link.json');
  const files = {
    caFile: config.MERIDIAN_LINK_CA_FILE,
    certFile: config.MERIDIAN_LINK_CERT_FILE,
    keyFile: config.MERIDIAN_LINK_KEY_FILE,
    keptFile,
  };
  const store = openCertificateStore({
    file: keptFile,
    namespace: config.MERIDIAN_STATE_NAMESPACE,
    kube,
    log: ports.log,
  });
  const notes = createCertificateNotes({ files, ...ports });
  const keeper = createCertificateKeeper({
    cluster: config.MERIDIAN_CLUSTER,
    urls: config.MERIDIAN_LINK_URLS,
    enrolment: enrolmentOf(config),
    files,
    store,
    ...ports,
  });
  return {
    files,
    parts: [
      loopPart('certificate', (signal) => notes.run(signal)),
      loopPart('renewal of the certificate', (signal) => keeper.run(signal)),
    ],
  };
}

function enrolmentOf({
  MERIDIAN_ENROLMENT_URLS: urls,
  MERIDIAN_ENROLMENT_TOKEN_FILE: tokenFile,
}: AgentConfig): CertificateKeeperConfig['enrolment'] {
  return urls.length === 0 ? undefined : { urls, tokenFile };
}
