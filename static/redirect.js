// Leads on at once and keeps the fragment, which the page's refresh cannot.
location.replace(document.currentScript.dataset.to.split("#")[0] + (location.hash || (/#.*/.exec(document.currentScript.dataset.to) || [""])[0]));
