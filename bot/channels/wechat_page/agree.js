// Comes after WeChat's own script (JS-SDK). Old telephones read it, too: nothing newer than ECMAScript 2015.
// What is told is written by "开放标签使用说明": wx-open-subscribe.
(function () {
  const button = document.getElementById("agree");
  const SWITCHED_OFF = "20004";

  function tell(what) {
    for (const one of Array.from(document.querySelectorAll("[data-told]"))) one.hidden = one.dataset.told !== what;
  }

  if (!/MicroMessenger/i.test(navigator.userAgent)) return; // it says so from the first
  tell("");
  if (!window.wx) {
    tell("failed");
    return;
  }
  button.addEventListener("success", function (event) {
    // One text within another: {"TEMPLATE": "{\"status\": \"accept\"}"}
    tell(/"accept\\*"/.test(JSON.stringify(event.detail)) ? "agreed" : "refused");
  });
  button.addEventListener("error", function (event) {
    tell(String(event.detail && event.detail.errCode) === SWITCHED_OFF ? "off" : "failed");
  });
  document.addEventListener("WeixinOpenTagsError", function () { tell("old"); });
  wx.error(function () { tell("failed"); });
  wx.config({
    debug: false,
    appId: button.dataset.app,
    timestamp: Number(button.dataset.seconds),
    nonceStr: button.dataset.nonce,
    signature: button.dataset.signature,
    jsApiList: [],
    openTagList: ["wx-open-subscribe"]
  });
})();
