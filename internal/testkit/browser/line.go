package browser

import (
	"context"

	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Offline takes the connection of a page away, or gives it back.
func (p *Page) Offline(away bool) {
	p.t.Helper()
	p.do("change the connection", chromedp.Func(func(ctx context.Context, _ *chromedp.Target) error {
		rules := []*network.Conditions{}
		if away {
			rules = append(rules, &network.Conditions{Offline: away, DownloadThroughput: -1, UploadThroughput: -1})
		}
		_, err := chromedp.Call(ctx, network.EmulateNetworkConditionsByRule, network.EmulateNetworkConditionsByRuleParams{MatchedNetworkConditions: rules})
		return err
	}))
}
