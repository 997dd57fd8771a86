import { createHmac, timingSafeEqual } from 'node:crypto';

/** Git hosts whose webhooks are understood; `generic` is for anything that can sign a body. */
export const gitHosts = ['github', 'gitlab', 'gitea', 'bitbucket', 'generic'] as const;

/** A git host. */
export type GitHost = (typeof gitHosts)[number];

type Headers = { readonly [name: string]: string | string[] | undefined };

interface Scheme {
  readonly header: string;
  /** What the header must hold for this body. */
  readonly expected: (secret: string, body: Buffer) => string;
}

const hex = (secret: string, body: Buffer) => createHmac('sha256', secret).update(body).digest('hex');
const prefixedHex = (secret: string, body: Buffer) => `sha256=${hex(secret, body)}`;

/**
 * How each host signs. GitHub and Bitbucket: HMAC-SHA256 as `sha256=HEX`; Gitea: the bare HEX; GitLab sends the
 * shared secret itself (https://docs.github.com/webhooks/using-webhooks/validating-webhook-deliveries,
 * https://docs.gitlab.com/user/project/integrations/webhooks/, https://docs.gitea.com/usage/webhooks).
 */
const schemes: { readonly [host in GitHost]: Scheme } = {
  github: { header: 'x-hub-signature-256', expected: prefixedHex },
  gitlab: { header: 'x-gitlab-token', expected: (secret) => secret },
  gitea: { header: 'x-gitea-signature', expected: hex },
  bitbucket: { header: 'x-hub-signature', expected: prefixedHex },
  generic: { header: 'x-meridian-signature', expected: prefixedHex },
};

/** Whether the headers prove that the body came from somebody who knows the secret. Takes the same time for any wrong value. */
export function isSigned(host: GitHost, headers: Headers, body: Buffer, secret: string): boolean {
  const { header, expected } = schemes[host];
  const given = headers[header];
  if (typeof given !== 'string' || secret === '') return false;
  const digest = (text: string) => createHmac('sha256', secret).update(text).digest();
  return timingSafeEqual(digest(given), digest(expected(secret, body)));
}
