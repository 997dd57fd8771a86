import { readFileSync } from 'node:fs';
import { certificateAuthority } from '@meridian/testkit';
import { openCertificateStore } from '../certificate/certificate-store.ts';

const nothing = () => undefined;
const log = { debug: nothing, info: nothing, warn: nothing, error: nothing };

// A process that keeps one pair after another, until it is killed: `write-pairs.ts AUTHORITY_KEY_FILE FILE`.
const [, , keyFile = '', file = ''] = process.argv;
const certificatePem = readFileSync(keyFile.replace('authority.key', 'ca.pem'), 'utf8');
const authority = certificateAuthority('test', { certificatePem, keyPem: readFileSync(keyFile, 'utf8') });
const store = openCertificateStore({ file, namespace: 'none', kube: () => undefined, log });
for (;;) {
  const uris = ['spiffe://meridian/cluster/one'];
  const { certificatePem: certificate, keyPem: key } = authority.issue({
    commonName: 'one',
    uris,
    usages: ['client'],
  });
  await store.save({ certificate, key });
}
