/** TLS settings of connections to an API server. */
export interface TlsMaterial {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
  readonly servername?: string;
  readonly rejectUnauthorized?: false;
}

/** What one request presents. */
export interface Credentials {
  readonly authorization: string | undefined;
  readonly tls: TlsMaterial;
}

/** How to reach an API server and as whom. */
export interface ClusterAccess {
  readonly url: string;
  readonly proxyUrl?: string;
  /** What to present now; reads files or runs a plugin again when what it has is old. Rejects with FaultError. */
  credentials(signal: AbortSignal): Promise<Credentials>;
  /** Called after a 401; true when the next `credentials` may differ, so that one more try makes sense. */
  forgetCredentials(): boolean;
}
