import type { ContractCase, Session } from '../session.ts';

/** Of O=x, CN=a, with an elliptic key. */
const elliptic =
  'MIHSMHoCAQAwGDEKMAgGA1UECgwBeDEKMAgGA1UEAwwBYTBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABFCmxwg/7rLciRCzvufh' +
  '+LdrmVPDG9bNbODvMO6scdLumOKp+hMPv2xPekWS1Budl5Cf7cnH4fCS+WHvp/JKpo6gADAKBggqhkjOPQQDAgNIADBFAiEApCiB' +
  'WIxr3DIY+n9kAjPpixDApbSHB8txRrWMeiH3TTACIFvtf1as8Tvz9RPPVXYeDgzWZRZxsns+KtvdQuvzFzOj';

/** Of CN=a, with an Ed25519 key. */
const edwards =
  'MIGLMD8CAQAwDDEKMAgGA1UEAwwBYTAqMAUGAytlcAMhADBSAHmWwubLI/r3ovW/b/9M7i26ZfnHReMkbHXlEaKOoAAwBQYDK2Vw' +
  'A0EATtxXLJf7FCgdzzv9MvX9UFZDOGzZAV1K/QZirrQ3vYPju0sapHqSacm691dnUxwxEtuRurjO/lGspR8ao6j3Dw==';

/** Of CN=a, with an RSA key. */
const rsa =
  'MIICUTCCATkCAQAwDDEKMAgGA1UEAwwBYTCCASIwDQYJKoZIhvcNAQEBBQADggEPADCCAQoCggEBAPPc2Txl4byPWla+Jic9D3cF' +
  'IvmGb+b76HWXOKrMQFyPMzkAyecLkK4ELGOddafC1BYGY+GfIBVLMm9cWW+FkIn7wkfIWweswzGnkeb3pzzP6H8Q12gDPyMVYvpU' +
  'FYDPuU4MWKJoaD2OQwSRr7tZDA7Gsa2fp/jcLiW94okSNV4NWteOyhz1UFyOjx6Q7sD2gxi6UTdI52jK7F9BJYq2vNJ4Hr3Iuzca' +
  'NPaXImMyb8pQqqFRBnAOTPXYM47NPZ9aZrwQGyEKN9Tzyc9HA8wWKWUEtu2BrGpyPW7xRMPq9yAfpUoqfdJ3fB586mzCRNcVAp31' +
  'YDKaIRWvo+kQEL8YAS0CAwEAAaAAMA0GCSqGSIb3DQEBCwUAA4IBAQBZi+aCmcVRA2pXGWDe+1ABSeSLEC15eSm8WlATa5gex55D' +
  '26iMsqPuo6dQlLmFUnJBrD/jYWRGXtI1ObWMezz90TcHBd+7vB0zCxlk6PUeghi8HTZ37ZTDyTfFRFATEypEFRzv5ncWHSceM/SD' +
  'YLBhxfdqWdwHObapPln8f9mA4gQ6mnyihjkRjsp3VBbfTwtvfoukzh9oNMBMjCxPC7LXKTQDvHxzxdaj7vAy3tx30qOeZzFfQrlQ' +
  'NVmmv9OAFmdJ2CiMTsPO5lm2IqfxSYPxoBgl5HF07pS+rvLGAVsrHb9LsrT0jLUJ8T5wmoRJFlUnkVJz7Up4HUCJHKYKF9EA';

/** Of O=system:masters, CN=a. */
const masters =
  'MIHfMIGHAgEAMCUxFzAVBgNVBAoMDnN5c3RlbTptYXN0ZXJzMQowCAYDVQQDDAFhMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE' +
  'UKbHCD/ustyJELO+5+H4t2uZU8Mb1s1s4O8w7qxx0u6Y4qn6Ew+/bE96RZLUG52XkJ/tycfh8JL5Ye+n8kqmjqAAMAoGCCqGSM49' +
  'BAMCA0cAMEQCIE06ukfB+4ke381SV9g3+qcsgXXuDfa/O0W+8SmvSGXEAiAtm1axN1TWsmFBhb/Q3zsYL6/K7TxDQ0XKdvl/JseI' +
  'Xg==';

const certificate =
  'MIIBbTCCAROgAwIBAgIUDyFA/g9PCJ1Mw5e8GTUYn6M/T40wCgYIKoZIzj0EAwIwDDEKMAgGA1UEAwwBYTAeFw0yNjExMjgwODAz' +
  'MzRaFw0yNjEyMDcwODAzMzRaMAwxCjAIBgNVBAMMAWEwWTATBgcqhkjOPQIBBggqhkjOPQMBBwNCAARQpscIP+6y3IkQs77n4fi3' +
  'a5lTwxvWzWzg7zDurHHS7pjiqfoTD79sT3pFktQbnZeQn+3Jx+Hwkvlh76fySqaOo1MwUTAdBgNVHQ4EFgQUJ6e8v+HiSt6uNccS' +
  'de5LayI2Tw0wHwYDVR0jBBgwFoAUJ6e8v+HiSt6uNccSde5LayI2Tw0wDwYDVR0TAQH/BAUwAwEB/zAKBggqhkjOPQQDAgNIADBF' +
  'AiBA2gXFMOUKPh1VfdLV2VED/I2eNBVXTbIos9JPZCw7hQIhAJdiX5B04FGbxpw4Li7wjASLcSos+ovZ8vc+syIGBn8l';

const all = '/apis/certificates.k8s.io/v1/certificatesigningrequests';

/** PEM in base64, as objects hold it. */
function pem(der: string, type = 'CERTIFICATE REQUEST', headers = ''): string {
  return base64(`-----BEGIN ${type}-----\n${headers}${der}\n-----END ${type}-----\n`);
}

function base64(text: string): string {
  return Buffer.from(text).toString('base64');
}

function changed(der: string, at: number): string {
  const bytes = Buffer.from(der, 'base64');
  bytes.writeUInt8(bytes.at(at)! ^ 1, at < 0 ? bytes.length + at : at);
  return bytes.toString('base64');
}

function cut(der: string, length: number): string {
  return Buffer.from(der, 'base64').subarray(0, length).toString('base64');
}

function request(name: string, spec: object = {}): object {
  return {
    apiVersion: 'certificates.k8s.io/v1',
    kind: 'CertificateSigningRequest',
    metadata: { name },
    spec: {
      request: pem(elliptic),
      signerName: 'example.com/own',
      usages: ['digital signature', 'client auth'],
      ...spec,
    },
  };
}

const specs: readonly (readonly [string, object])[] = [
  ['good', {}],
  ['that says who asks', { username: 'me', uid: 'mine', groups: ['a'], extra: { a: ['b'] } }],
  ['with an Ed25519 key', { request: pem(edwards) }],
  ['with an RSA key', { request: pem(rsa) }],
  ['with headers before its data', { request: pem(elliptic, 'CERTIFICATE REQUEST', 'a: b\n\n') }],
  ['with words around it', { request: base64(`before\n${atob(pem(elliptic))}after`) }],
  ['without data', { request: '' }],
  ['with nothing to read', { request: base64('hello') }],
  ['with a certificate', { request: pem(certificate, 'CERTIFICATE') }],
  ['with text for data', { request: pem(btoa('hello')) }],
  ['with a number for data', { request: pem('AgEB') }],
  ['with an empty sequence', { request: pem('MAA=') }],
  ['with no bytes at all', { request: pem('') }],
  ['with one byte', { request: pem('MA==') }],
  ['that is cut off', { request: pem(cut(elliptic, 50)) }],
  ['with a byte too many', { request: pem(Buffer.from(`${atob(elliptic)}x`, 'latin1').toString('base64')) }],
  ['with a wrong elliptic signature', { request: pem(changed(elliptic, -3)) }],
  ['with a wrong Ed25519 signature', { request: pem(changed(edwards, -3)) }],
  ['with a wrong RSA signature', { request: pem(changed(rsa, -3)) }],
  ['without usages', { usages: [] }],
  ['with usages that are none, and twice', { usages: ['x', 'any', 'any', 'x'] }],
  ['with a short life', { expirationSeconds: 599 }],
  ['with a life that is long enough', { expirationSeconds: 600 }],
  ['with a life of nothing', { expirationSeconds: 0 }],
  ['with all wrong', { request: '', usages: [], signerName: '', expirationSeconds: -1 }],
  ['for administrators by a signer of its own', { request: pem(masters) }],
  [
    'for administrators by the signer of clients',
    { request: pem(masters), signerName: 'kubernetes.io/kube-apiserver-client' },
  ],
  ['by the signer of clients', { signerName: 'kubernetes.io/kube-apiserver-client' }],
];

const signers = [
  ...['', 'kubernetes.io/legacy-unknown', 'nodomain', 'a/b/c', '/x', 'example.com/', 'Ex.com/a'],
  ...['example.com/a.b', 'example.com/A_b', 'nodots/x', 'example.com/-', `example.com/${'a'.repeat(254)}`],
  ...[`${'a'.repeat(100)}.com/${'b'.repeat(471)}`, `${`${'a'.repeat(60)}.`.repeat(8)}com/b`],
];

function creation(title: string, spec: object): ContractCase {
  return {
    title: `signing request: ${title}`,
    run: async (session: Session) => {
      const name = session.namespace;
      await session.ask('POST', `${all}?dryRun=All`, request(name, spec));
    },
  };
}

type Change = readonly [subresource: '/approval' | '/status', status: object];

const condition = (type: string, status = 'True', more: object = {}) => ({ type, status, ...more });

/** Changes in a row of one request, by what they are about. */
const changes: Readonly<Record<string, readonly Change[]>> = {
  'is approved': [
    ['/status', { conditions: [condition('Approved')] }],
    ['/approval', { conditions: [condition('Approved', 'False')] }],
    ['/approval', { conditions: [condition('Approved'), condition('Approved')] }],
    ['/approval', { conditions: [condition('Approved'), condition('Denied')] }],
    ['/approval', { conditions: [condition('Denied'), condition('Approved'), condition('Denied')] }],
    ['/approval', { conditions: [condition('Approved', 'True', { reason: 'a', message: 'm' })], certificate: 'eHg=' }],
    ['/approval', { conditions: [condition('Approved', 'True', { reason: 'b' })] }],
    ['/approval', { conditions: [] }],
    ['/approval', { conditions: [condition('Denied')] }],
    ['/status', { conditions: [] }],
    ['/status', { conditions: [condition('Approved', 'True', { reason: 'other' })] }],
    ['/status', { conditions: [condition('Approved'), condition('Denied')] }],
    ['/status', { conditions: [condition('Approved'), condition('Failed')] }],
    ['/status', { conditions: [condition('Approved')] }],
  ],
  'is denied': [['/approval', { conditions: [condition('Denied', 'True', { reason: 'no' })] }]],
  'has other conditions': [
    ['/status', { conditions: [condition('Failed', 'False')] }],
    [
      '/status',
      { conditions: [condition('Foo', 'x'), { type: 'Bar' }, condition(''), condition('Foo')] },
    ],
    ['/status', { conditions: [condition('Foo', 'Unknown', { reason: 'r' })] }],
    ['/approval', { conditions: [condition('Foo', 'False'), condition('Bar')] }],
  ],
  'is signed': [
    ['/status', { certificate: base64('hello') }],
    ['/status', { certificate: pem('AAAA', 'X') }],
    ['/status', { certificate: pem('AAAA', 'CERTIFICATE', 'a: b\n\n') }],
    ['/status', { certificate: pem('AAAA', 'CERTIFICATE') }],
    ['/status', { certificate: pem('', 'CERTIFICATE') }],
    ['/approval', { certificate: pem(certificate, 'CERTIFICATE') }],
    ['/status', { certificate: pem(certificate, 'CERTIFICATE') }],
    ['/status', { certificate: pem(`${certificate}\n`, 'CERTIFICATE') }],
    ['/status', { certificate: '' }],
  ],
};

/** Requests for certificates: what they have to be, who asked for them, and what may be said of them by whom. */
export const signingRequestCases: readonly ContractCase[] = [
  ...specs.map(([title, spec]) => creation(title, spec)),
  ...signers.map((signerName) => creation(`by ${signerName.slice(0, 40)}`, { signerName })),
  {
    title: 'signing request: of somebody with a name, groups and more',
    async run(session: Session) {
      const headers = {
        'impersonate-user': 'jane',
        'impersonate-uid': 'j-1',
        'impersonate-group': 'system:masters',
        'impersonate-extra-scope': 'some',
      };
      await session.ask('POST', `${all}?dryRun=All`, request(session.namespace), { headers });
    },
  },
  ...['With Space:x', 'a%b', '..'].map((name) => ({
    title: `signing request: named ${name}`,
    run: async (session: Session) => void (await session.ask('POST', `${all}?dryRun=All`, request(name))),
  })),
  {
    title: 'signing request: keeps what it asks for',
    async run(session: Session) {
      const path = `${all}/${session.namespace}`;
      const status = { conditions: [condition('Approved')], certificate: 'eHg=' };
      await session.ask('POST', all, { ...request(session.namespace), status });
      await session.ask('PUT', path, { ...request(session.namespace, { usages: ['any'], username: 'x' }), status });
      const labels = { metadata: { labels: { a: 'b' } }, spec: { signerName: '' }, status };
      await session.ask('PATCH', path, labels, { type: 'application/merge-patch+json' });
      await session.ask('GET', path);
      await session.ask('GET', all + '?fieldSelector=spec.signerName=example.com/own&labelSelector=a%3Db');
      await session.ask('DELETE', path);
    },
  },
  ...Object.entries(changes).map(([title, row]) => ({
    title: `signing request: ${title}`,
    async run(session: Session) {
      await session.prepare('POST', all, request(session.namespace));
      for (const [subresource, status] of row) {
        const path = `${all}/${session.namespace}`;
        await session.ask('PATCH', path + subresource, { status }, { type: 'application/merge-patch+json' });
      }
      await session.ask('GET', `${all}/${session.namespace}`);
      await session.attempt('DELETE', `${all}/${session.namespace}`);
    },
  })),
];
