/**
 * The table of all formats.
 */

import { type Format, nameFormats } from '../exchange/format.ts';
import { apache } from './apache.ts';
import { awsWaf } from './aws-waf.ts';
import { caddy } from './caddy.ts';
import { cloudflareList } from './cloudflare-list.ts';
import { crowdsec } from './crowdsec.ts';
import { csf } from './csf.ts';
import { csv } from './csv.ts';
import { envoyRbac } from './envoy.ts';
import { haproxy, haproxyMap } from './haproxy.ts';
import { hostsAccess } from './hosts-access.ts';
import { ipset } from './ipset.ts';
import { iptables } from './iptables.ts';
import { k8sIngress, k8sNetworkPolicy } from './kubernetes.ts';
import { nftables } from './nftables.ts';
import { nginx, nginxGeo } from './nginx.ts';
import { emule, p2p } from './p2p.ts';
import { pgHba } from './pg-hba.ts';
import { netset, plain } from './plain.ts';
import {
  atlassian,
  awsRanges,
  azureServiceTags,
  cloudflare,
  fastly,
  githubMeta,
  googleRanges,
} from './published.ts';
import { spamhausDrop } from './spamhaus.ts';
import { sql } from './sql.ts';
import { terraform } from './terraform.ts';
import { traefik } from './traefik.ts';

/** Every format, in the order of their chapters. Importing this table makes their names known. */
export const formats: readonly Format[] = /* @__PURE__ */ nameFormats([
  plain,
  netset,
  spamhausDrop,
  csv,
  p2p,
  emule,
  awsRanges,
  googleRanges,
  azureServiceTags,
  githubMeta,
  atlassian,
  fastly,
  cloudflare,
  awsWaf,
  cloudflareList,
  crowdsec,
  nginx,
  nginxGeo,
  apache,
  haproxy,
  haproxyMap,
  nftables,
  ipset,
  iptables,
  hostsAccess,
  csf,
  pgHba,
  traefik,
  caddy,
  k8sNetworkPolicy,
  k8sIngress,
  envoyRbac,
  terraform,
  sql,
]);
