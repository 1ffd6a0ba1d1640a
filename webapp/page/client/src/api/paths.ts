// Addresses of the API by what they are about.

const part = encodeURIComponent;

export const ofTask = (id: string, what = "") => `/tasks/${part(id)}${what && `/${what}`}`;
export const ofEntry = (id: string, what = "") => `/data-entries/${part(id)}${what && `/${what}`}`;
export const ofInstance = (id: string, what = "") => `/process-instances/${part(id)}${what && `/${what}`}`;
export const startForm = (application: string, key: string) =>
  `/process-definitions/${part(application)}/${part(key)}/form`;
export const toStart = (application: string, key: string) =>
  `/process-definitions/${part(application)}/${part(key)}/start`;
