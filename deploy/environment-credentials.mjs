/**
 * Stands in for the SDK's default credential chain in the bundles. Lambda hands the role's credentials over in the
 * environment and nowhere else; the chain (profiles, SSO, web identity, instance metadata) would be 117 KB that no
 * Lambda ever runs. Read at each call, since a caller may change them (`sls invoke local` does).
 */
export const defaultProvider = () => async () => {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN } = process.env;
  if (!AWS_ACCESS_KEY_ID || !AWS_SECRET_ACCESS_KEY) {
    const error = new Error(
      "No AWS credentials: set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY (a profile is read by the command line tools alone)",
    );
    throw Object.assign(error, { name: "CredentialsProviderError" });
  }
  return {
    accessKeyId: AWS_ACCESS_KEY_ID,
    secretAccessKey: AWS_SECRET_ACCESS_KEY,
    ...(AWS_SESSION_TOKEN && { sessionToken: AWS_SESSION_TOKEN }),
  };
};
