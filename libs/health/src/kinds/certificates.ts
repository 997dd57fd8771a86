import { byConditions, conditions, ready } from '../forms/conditions.ts';
import { unlessStale } from '../forms/before.ts';
import { phases } from '../forms/phases.ts';
import { conditionsOf, listAt, textAt } from '../read.ts';
import type { KindTable, Rule } from '../rule.ts';
import { degraded, healthy, progressing } from '../verdict.ts';

// Certificates and secrets. Source: the health checks of Argo CD for these groups (argoproj/argo-cd,
// resource_customizations), written anew; types as cert-manager, external-secrets and sealed-secrets document them.

const acme = phases('status.state', {
  Healthy: ['valid'],
  Degraded: ['invalid', 'expired', 'errored'],
  says: 'status.reason',
});

/** external-secrets keeps a history there: only the last condition is the present one. */
const clusterExternalSecret = byConditions({
  passes: [
    [
      ['Ready=True', 'Healthy'],
      ['PartiallyReady=True', 'Degraded'],
      ['NotReady=True', 'Degraded'],
    ],
  ],
  of: (object) => conditionsOf(object).slice(-1),
});

/** The external-secrets before version 0: one word, `ERROR, why` when it failed. */
const kubernetesExternalSecret: Rule = (object) => {
  const status = textAt(object, 'status', 'status');
  if (status === 'SUCCESS') return healthy('the secret is fetched');
  return status.startsWith('ERROR') ? degraded(status) : progressing('the secret is not fetched yet');
};

const managedCertificate: Rule = (object) => {
  const domains = listAt(object, 'status', 'domainStatus');
  const failed = domains.find((domain) => textAt(domain, 'status') === 'FailedNotVisible');
  if (failed) return degraded(`${textAt(failed, 'domain') || 'a domain'} does not lead to the load balancer`);
  return textAt(object, 'status', 'certificateStatus') === 'Active'
    ? healthy('all certificates are active')
    : progressing('a certificate is still being issued');
};

/** Certificates and secrets: cert-manager, external-secrets, sealed-secrets and their like. */
export const certificateKinds: KindTable = {
  'acme.cert-manager.io/Challenge': acme,
  'acme.cert-manager.io/Order': acme,
  'bitnami.com/SealedSecret': unlessStale(
    conditions(['Synced=False', 'Degraded'], ['Synced=True', 'Healthy']),
  ),
  'cert-manager.io/Certificate': byConditions({
    passes: [
      [['Issuing=True', 'Progressing']],
      [
        ['Ready=False', 'Degraded'],
        ['Ready=True', 'Healthy'],
      ],
    ],
  }),
  'cert-manager.io/CertificateRequest': byConditions({
    passes: [
      [
        ['Denied=True', 'Degraded'],
        ['InvalidRequest=True', 'Degraded'],
      ],
      [
        ['Ready=True', 'Healthy'],
        ['Ready:Pending', 'Progressing'],
        ['Ready', 'Degraded'],
      ],
    ],
  }),
  'cert-manager.io/ClusterIssuer': ready,
  'cert-manager.io/Issuer': ready,
  'certmanager.k8s.io/Certificate': ready,
  'certmanager.k8s.io/Issuer': ready,
  'external-secrets.io/ClusterExternalSecret': clusterExternalSecret,
  'external-secrets.io/ClusterSecretStore': ready,
  'external-secrets.io/ExternalSecret': ready,
  'external-secrets.io/PushSecret': ready,
  'external-secrets.io/SecretStore': ready,
  'kubernetes-client.io/ExternalSecret': kubernetesExternalSecret,
  'networking.gke.io/ManagedCertificate': managedCertificate,
  'onepassword.com/OnePasswordItem': ready,
  'trust.cert-manager.io/Bundle': conditions(['Synced=True', 'Healthy'], ['Synced', 'Degraded']),
};
